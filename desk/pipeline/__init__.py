"""What ties the subjects together: arrivals, triage, reclassification, removal."""
