"""Turn a table of comments (CSV) into what `manage.py import_comments` reads.

    python csv_to_comments.py old.csv > comments.json

COLUMNS says how the table calls what is needed; change it to fit. STATUSES says which of its words
for a comment's state mean what here; a word that is not there makes the comment wait.
"""

import csv
import json
import sys

# Here: there.
COLUMNS = {
    "page": "url",
    "id": "nr",
    "parent": "answer_to",
    "name": "who",
    "email": "mail",
    "text": "said",
    "at": "when",
    "status": "state",
}
STATUSES = {"public": "approved", "waiting": "pending", "junk": "spam", "deleted": "trash"}

with open(sys.argv[1], encoding="utf-8-sig", newline="") as table:
    for row in csv.DictReader(table):
        comment = {name: (row.get(column) or "").strip() for name, column in COLUMNS.items()}
        comment["id"] = f"old-{comment['id']}"
        if comment["parent"]:
            comment["parent"] = f"old-{comment['parent']}"
        comment["status"] = STATUSES.get(comment["status"], "pending")
        given = {name: value for name, value in comment.items() if value}
        sys.stdout.write(json.dumps(given, ensure_ascii=False) + "\n")
