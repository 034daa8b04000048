"""An app of the tests: a database that a test has written to is as migrations left it again."""
