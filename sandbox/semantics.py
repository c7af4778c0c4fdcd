"""The words in which the practice world keeps codes: every table with its semantic keys, and the columns that hold dates."""

from __future__ import annotations

KEYS: dict[str, tuple[str, ...]] = {
    "cert_type": ("id_card", "hk_permit", "foreign_permit", "passport", "officer", "household_book", "uscc", "other"),
    "sort_code": ("hv", "lv_business", "lv_resident"),
    "status_code": ("normal", "opening", "changing", "closed"),
    "elec_type": ("resident", "business", "agriculture"),
    "price_code": ("resident_step", "resident_flat", "business_general", "agriculture"),
    "volt_code": ("v220", "v380", "kv10"),
    "pay_mode": ("counter", "bank", "online", "prepaid"),
    "notify_mode": ("sms", "paper", "app", "none"),
    "note_type": ("electronic", "paper_plain", "vat"),
    "urban_rural": ("urban", "rural"),
    "relation": ("self", "spouse", "child", "parent", "tenant", "landlord", "other"),
}
"""Column (and code table) → its keys; a skin gives each key a code and a label."""

DATES = frozenset({"cert_valid_to", "build_date", "ps_date", "cancel_date"})
"""Columns that hold an ISO date or nothing."""
