"""Signed messages in the transaction format of the exchange Lighter: parse, hash, refuse."""

from l2forge.ledger.messages.attributes import attribute_elements
from l2forge.ledger.messages.codes import Code, MessageError
from l2forge.ledger.messages.digest import digest, digest_of, digest_rows, elements_of, message_elements
from l2forge.ledger.messages.parse import Message, parse
from l2forge.ledger.messages.table import TYPES, MessageType

__all__ = [
    "TYPES",
    "Code",
    "Message",
    "MessageError",
    "MessageType",
    "attribute_elements",
    "digest",
    "digest_of",
    "digest_rows",
    "elements_of",
    "message_elements",
    "parse",
]
