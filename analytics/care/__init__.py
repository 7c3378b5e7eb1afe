"""Looking after accounts: warning signs, tasks, and playbooks that say what to do next.

Stands above analytics.success, whose facts it watches: health that falls, terms
that end, conversations and answers that went badly.
"""
