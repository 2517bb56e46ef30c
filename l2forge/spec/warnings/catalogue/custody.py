"""The warnings of checks in `custody.py`, explained: the risk, and what a venue does about it."""

from l2forge.spec.warnings.catalogue.entry import define_warning

define_warning(
    "forced-grace-short",
    "the grace for forced requests is below seven days",
    "Anyone may freeze the venue once an L1 request is older than forced_grace, and a freeze is "
    "final. Outages and full blocks of some days happen; seven days is what rollups use.",
    'forced_grace = "1d"',
    'forced_grace = "7d"',
)
define_warning(
    "timelock-short",
    "changes take effect before everyone can leave",
    "L2BEAT's exit window: a user who dislikes an announced change must be able to leave before it "
    "takes effect, even when the operator does not help. That takes forced_grace and the time for "
    "everyone to leave.",
    'timelock = "1d"\nforced_grace = "7d"',
    'timelock = "14d"\nforced_grace = "7d"',
)
define_warning(
    "proving-slower-than-cadence",
    "proving takes longer than the interval of batches",
    "Batches close faster than they are proven at full load, so that withdrawals wait longer and "
    "longer, until max_lag turns trading reduce-only. The estimate rests on the prover's target rate "
    "on two cores.",
    'max_interval = "5s"\nmax_operations = 8192',
    'max_interval = "2m"\nmax_operations = 8192',
)
define_warning(
    "max-lag-tight",
    "the tolerated lag leaves no room for a failed proof",
    "max_lag should hold at least three batches with their proofs, so that a failed proof or a "
    "restarted worker does not stop trading.",
    'max_interval = "30s"\nmax_lag = "1m"',
    'max_interval = "30s"\nmax_lag = "15m"',
)
define_warning(
    "security-conjectured",
    "security rests on a conjecture",
    "The conjectured regime counts bits that nobody has proven. Use `johnson` or `unique_decoding` "
    "for money.",
    'regime = "conjectured"',
    'regime = "johnson"',
)
define_warning(
    "security-low",
    "the security level is below 100 bits",
    "Soundness below 100 bits is within reach of well-funded attackers over a venue's lifetime.",
    "security_bits = 80",
    "security_bits = 100",
)
define_warning(
    "challenge-window-short",
    "the challenge window is below seven days",
    "An optimistic batch counts unless challenged in time. Seven days is meant to outlast censorship of L1.",
    'challenge_window = "1h"',
    'challenge_window = "7d"',
)
define_warning(
    "response-deadline-short",
    "an honest proposer may fail to answer in time",
    "A challenge must be answered by a proof in L1. Too short a deadline lets a crowded L1 roll back "
    "an honest batch, and the challenger collects the bond.",
    'response_deadline = "10m"',
    'response_deadline = "1d"',
)
define_warning(
    "bond-small",
    "the bond is small against the value at risk",
    "The bond is what a wrong batch costs its proposer, and what pays challengers for watching. Next "
    "to the deposits it is too small to deter or to pay anyone.",
    'bond = "10"\ntotal_deposits = "100000000"',
    'bond = "100000"\ntotal_deposits = "100000000"',
)
define_warning(
    "committee-minority",
    "a minority of the committee can sign",
    "If half of the committee or fewer can sign, data may exist nowhere but with a minority, which "
    "can then withhold it from users after a freeze.",
    'committee = ["dev:20", "dev:21", "dev:22", "dev:23"]\nthreshold = 2',
    'committee = ["dev:20", "dev:21", "dev:22", "dev:23"]\nthreshold = 3',
)
define_warning(
    "committee-of-one",
    "one member of the committee decides alone",
    "One signature makes the committee one party, who can hold every balance to ransom.",
    "threshold = 1",
    "threshold = 2   # of three",
)
define_warning(
    "committee-unanimous",
    "one absent member stops settlement",
    "If all must sign, one member that is down stops settlement and every withdrawal.",
    'committee = ["dev:20", "dev:21", "dev:22"]\nthreshold = 3',
    'committee = ["dev:20", "dev:21", "dev:22"]\nthreshold = 2',
)
define_warning(
    "one-key-many-roles",
    "one key holds powers that guard against each other",
    "Operator, guardian, governor, committee and price sources guard against one another. One key "
    "with two of these powers removes the guard.",
    'operator = "dev:0"\ncommittee = ["dev:0", "dev:21", "dev:22"]',
    'operator = "dev:0"\ncommittee = ["dev:20", "dev:21", "dev:22"]',
)
define_warning(
    "rollout-missing",
    "deposits have no cap",
    "Without staged caps the first error is worth every deposit. Start small, raise by plan.",
    "# no [rollout]",
    '[rollout]\nstages = [{ after = "0s", total_deposits = "1000000" }]',
)
define_warning(
    "rollout-first-stage-large",
    "the first stage admits too much",
    "The first stage should be an amount whose loss can be made good.",
    'stages = [{ after = "0s", total_deposits = "500000000" }]',
    'stages = [{ after = "0s", total_deposits = "1000000" }]',
)
define_warning(
    "rollout-steep",
    "a stage raises the cap more than a hundredfold",
    "A cap that grows more than a hundredfold at once makes the stage before it a formality.",
    '{ after = "0s", total_deposits = "10000" }\n{ after = "1d", total_deposits = "100000000" }',
    '{ after = "0s", total_deposits = "1000000" }\n{ after = "30d", total_deposits = "100000000" }',
)
define_warning(
    "no-withdrawal-limit",
    "claims on L1 have no limit",
    "A limit on claims gives people hours to notice a theft. It never binds forced requests or an escape.",
    '[withdrawals]\nforced_grace = "7d"',
    '[withdrawals]\nforced_grace = "7d"\nrate_limit = { fraction = "20%", window = "1d" }',
)
define_warning(
    "withdrawals-slow",
    "the limit on claims locks users in",
    "The limit on claims is so tight that leaving takes over a month when everyone leaves.",
    'rate_limit = { fraction = "1%", window = "1d" }',
    'rate_limit = { fraction = "20%", window = "1d" }',
)
define_warning(
    "few-confirmations",
    "a deposit counts before L1 is settled",
    "A deposit counts before L1 is final. If L1 takes it back, the venue has credited money it does "
    "not hold.",
    '[settlement]\nconfirmations = 1\n\n[l1]\nkind = "rpc"',
    '[settlement]\nconfirmations = 64\n\n[l1]\nkind = "rpc"',
)
