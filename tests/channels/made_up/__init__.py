"""Channels that prove the contract, one small file each; none of them is a real site."""
