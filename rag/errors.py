"""Errors a person can act on: each message says what was wrong, with which input, and what to do.

RagError
├── SourceUnreadable    a file that cannot become an article
├── LibraryMissing      no library where one was named
├── LibraryUnusable     a folder or database that cannot serve as a library
├── LibraryBusy         another process is writing
├── StorageFull         the disk is full or cannot be written
├── ModelMissing        a model's files are not there or cannot be loaded
├── ArticleUnknown      no article, or several, under that name
├── ChatUnknown         no saved chat or answer of this owner under that id
└── BadInput            a question, flag, date or file of questions that makes no sense
"""


def printable(text: str, limit: int = 200) -> str:
    """`text` on one line and safe for a terminal: control characters escaped, long ones cut."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def what_failed(error: OSError) -> str:
    """What the system says, with the file where it names one."""
    about = f"{printable(str(error.filename))}: " if error.filename else ""
    return f"{about}{error.strerror or error}"


class RagError(Exception):
    """The root; `str()` of it is one line that names the input and the remedy."""


class SourceUnreadable(RagError):
    def __init__(self, source: str, why: str, remedy: str) -> None:
        super().__init__(f"{printable(source)}: {why}; {remedy}.")
        self.source = source
        self.why = why


class LibraryMissing(RagError):
    def __init__(self, folder: str) -> None:
        super().__init__(
            f"no library at {printable(folder)}; make one with "
            f"`rag --library {printable(folder)} ingest PATH`."
        )


class LibraryUnusable(RagError):
    def __init__(self, folder: str, why: str, remedy: str) -> None:
        super().__init__(f"the library {printable(folder)} {why}; {remedy}.")


class LibraryBusy(RagError):
    def __init__(self, folder: str) -> None:
        super().__init__(
            f"the library {printable(folder)} is being written by another process; "
            "try again when that has finished."
        )


class StorageFull(RagError):
    def __init__(self, folder: str, why: str) -> None:
        super().__init__(
            f"could not write to {printable(folder)} ({why}); what was stored before is safe. "
            "Free some space or check the permissions, and run the same command again."
        )


class ModelMissing(RagError):
    def __init__(self, model: str, why: str, remedy: str) -> None:
        super().__init__(f"model {printable(model)}: {why}; {remedy}.")
        self.why = why


class ArticleUnknown(RagError):
    def __init__(self, name: str, why: str = "no such article") -> None:
        super().__init__(f"{printable(name)}: {why}; `rag articles` lists what there is.")


class ChatUnknown(RagError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"{printable(name)}: no such chat, or no such answer in one; "
            "it may have been deleted. Choose one from the list of chats."
        )


class BadInput(RagError):
    pass
