"""What can go wrong between a reader and a meter, each with the sentence a person needs."""


class ReaderError(Exception):
    """A failure to report. `kind` is one word for programs, the text one sentence for people."""

    kind = "failure"

    def __init__(self, text: str):
        super().__init__(text)
        self.text = text


class UsageError(ReaderError):
    kind = "usage"


class PortError(ReaderError):
    kind = "port"


class EchoError(ReaderError):
    kind = "echo"


class SilenceError(ReaderError):
    kind = "silence"


class GarbageError(ReaderError):
    kind = "garbage"


class SignOnError(ReaderError):
    kind = "sign-on"


class LinkError(ReaderError):
    kind = "link"


class RefusedError(ReaderError):
    """The association was refused. `diagnostic` is the standard's number."""

    kind = "refused"

    def __init__(self, text: str, diagnostic: int = 0):
        super().__init__(text)
        self.diagnostic = diagnostic


class ServiceError(ReaderError):
    """An exception-response or a confirmed-service-error instead of an answer."""

    kind = "exception"


class ProtocolError(ReaderError):
    """The meter said something that the standard does not allow here."""

    kind = "protocol"


class AccessError(ReaderError):
    """A data-access-result other than success, for one attribute."""

    kind = "data-access"

    def __init__(self, result: int):
        super().__init__(f"{access_result(result)} ({result})")
        self.result = result


_ACCESS = {
    1: "hardware fault",
    2: "temporary failure",
    3: "read or write denied",
    4: "object undefined",
    9: "object class inconsistent",
    11: "object unavailable",
    12: "type unmatched",
    13: "scope of access violated",
    14: "data block unavailable",
    15: "long get aborted",
    16: "no long get in progress",
    17: "long set aborted",
    18: "no long set in progress",
    19: "data block number invalid",
    250: "other reason",
}


def access_result(result: int) -> str:
    """The words of a data-access-result."""
    return _ACCESS.get(result, "unknown data access result")
