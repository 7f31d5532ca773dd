"""The web application: what every page shares, and the assembly of the doors others write.

application  `make_app`: finds `app/*/pages.py` and `app/*/api.py` by name, wires the gate, headers and errors
door         for pages.py and api.py: actor(), can(), ask_from(), once(), download(), file_answer()
doors        finds them; finders asks every `find` of a queries.py; health looks whether work can be done
gate         who asks and may they: the policy table before every view
headers      what every response carries
failures     refusals and crashes as pages or as one shape of JSON; nothing given away
nav          the screens and their keys
templating   filters and helpers of templates: money, days, chips, links of lists
pages        sign-in, password, second factor, search, health
static/      reclaim.css, keys.js, grid.js, and vendored files with their hashes in vendor/SHA256SUMS
templates/   base.html, ui.html (the macros), and the pages above
"""
