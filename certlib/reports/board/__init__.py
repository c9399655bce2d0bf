"""Board: the auditor's own page, served to one browser on this computer.

`session` holds what was chosen and found, `listing` what is shown of it in which
order, `server` hands it to the browser. Nothing leaves the machine.
"""
