"""`python -m l2forge` is the command `l2forge`."""

from l2forge.cli import main

if __name__ == "__main__":
    main()
