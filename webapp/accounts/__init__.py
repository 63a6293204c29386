"""Accounts: credentials that several sources share."""
