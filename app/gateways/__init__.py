"""The outside world: one file for each kind of partner, with the shape of what we ask of it and how we ask.

Called by jobs, never inside a transaction that holds money; an answer that does not come is a value.

web_post       a receiver of webhooks, over HTTPS
handing        the shape of every way to hand a file over: three outcomes, and a look
folder, sftp   two such ways
"""
