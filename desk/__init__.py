"""The domain: what happens to a mention until its author has a public answer.

The words. A *brand* listens to *sources*. A *source* is one address read through one channel. A *sighting* is
what a crawl sees; seen for the first time it becomes a *mention*. A *verdict* tags a mention; *routing* turns a
mention with its verdict into a *case* for one *team*, due by a *policy* of the brand's *calendar*. People write a
*reply*; it is published, and *verified* once a crawl or a stranger's look sees it in public. Every change of state
leaves one row in the *journal*, and *metrics* reads only what was written down.

The flow, one way:

    sighting -> arrivals -> MENTION -> triage -> VERDICT, CASE -> cases -> replies -> REPLY -> metrics

This package imports none of our other packages. Domain functions never commit: the caller owns the transaction
(`db.transaction()`), and whatever must leave the process waits for its commit (`wakeups.send`).
"""
