"""A theme of a few files, laid over the site for a test."""

from pathlib import Path

from blog.web.theme import engine, files


class Files:
    """Writes the files of a theme; each is there for the next page."""

    def __init__(self, top: Path):
        self.top = top

    def __call__(self, name: str, content: str | bytes) -> Path:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.read_again()
        return path

    @staticmethod
    def read_again():
        files.forget()
        engine.seen.clear()
