"""The stage set: a shop and a forum of a brand that does not exist, on loopback. Nothing imports it.

Reviews carry schema.org JSON-LD and have no answering protocol (the shop's own staff answers in a form on the page);
the forum has an Atom feed and a reply form that the `forum` channel can post to.
"""
