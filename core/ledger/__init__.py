"""The system of record: everything that has a life, who did it, and when.

Flows call the functions of the modules here with an open `Ledger`; SQL stays inside this folder.
"""

from core.ledger.store import Ledger, Transaction

__all__ = ["Ledger", "Transaction"]
