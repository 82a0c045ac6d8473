# The application association: who asks, and what was agreed. Green Book 9.4.2, 9.4.3.
#
# AARQ -> AARE, RLRQ -> RLRE. The checks come in this order, the first failure answers; nobody is
# answered who says response-allowed FALSE: an unconfirmed association is not offered.
#   BER broken                              1 rejected, user 1 no-reason-given
#   protocol-version without version1       1 rejected, provider 2 no-common-acse-version
#   context not LN without ciphering        1 rejected, user 2 context-name-not-supported
#   no association for this client          1 rejected, user 1
#   authentication                          1 rejected, user 11, 12, 13 or 14
#   InitiateRequest malformed or refused    1 rejected, user 1 and an initiate error
from micropython import const

from cosem import associations
from dlms import initiate
from dlms.acse import Fields, aare, rlre
from dlms.errors import UnknownApdu
from dlms.throttle import Throttle

_FIELD_VERSION = const(0)  # rows of the grammar, acse.py
_FIELD_REASON = const(0)
_FIELD_REQUIREMENTS = const(2)
_FIELD_MECHANISM = const(3)
_FIELD_VALUE = const(4)
_FIELD_USER = const(5)
_ABSENT = const(-1)
_ACCEPTED = const(0)
_REJECTED = const(1)  # permanent
_USER = const(1)  # acse-service-user diagnostics
_PROVIDER = const(2)
_NO_REASON = const(1)
_CONTEXT_UNSUPPORTED = const(2)
_MECHANISM_UNKNOWN = const(11)
_MECHANISM_REQUIRED = const(12)
_AUTHENTICATION_FAILURE = const(13)
_AUTHENTICATION_REQUIRED = const(14)
_MECHANISM_LAST = const(7)  # ECDSA
_LN = const(1)  # application context: logical names, no ciphering
_ERROR_OTHER = const(0)  # initiate.py
_GOOD = const(-1)
_IDLE = const(0)  # association_status of class 15
_ASSOCIATED = const(2)


class Association:
    """State of one association; the attributes are what class 15 shows of it.

    `status` 0 non-associated, 2 associated; `index` the row in the association table;
    `conformance` the negotiated 24 bits; `max_pdu_rx`, `max_pdu_tx` octets of an APDU.
    """

    def __init__(self, max_pdu_rx: int, max_pdu_tx: int):
        self.max_pdu_rx = max_pdu_rx
        self._own_tx = max_pdu_tx
        self._fields = Fields()
        self._initiate = initiate.Initiate()
        self._throttle = Throttle(associations.count())
        self.release()

    def release(self):
        """Forget the association."""
        self.status = _IDLE
        self.index = -1
        self._client = 0
        self._server = 0
        self.conformance = 0
        self.max_pdu_tx = self._own_tx

    def open(
        self, client: int, server: int, buf, pos: int, end: int, out, at: int, now_ms: int
    ) -> int:
        """Judge the AARQ at buf[pos:end] and write the AARE to out[at:]; returns its end.

        Returns at, so no answer, when the client allows none.
        """
        self.release()
        aarq = self._fields
        if not aarq.parse(buf, pos, end):
            return self._reject(out, at, _USER, _NO_REASON)
        start = aarq.at[_FIELD_USER]
        size = aarq.size[_FIELD_USER]
        known = size > 0 and self._initiate.parse(buf, start, start + size)
        if known and not self._initiate.response_allowed:
            return at
        if aarq.has(_FIELD_VERSION) and not aarq.bit_0(_FIELD_VERSION):
            return self._reject(out, at, _PROVIDER, 2)
        if aarq.context() != _LN:
            return self._reject(out, at, _USER, _CONTEXT_UNSUPPORTED)
        index = associations.select(client, server)
        if index < 0:
            return self._reject(out, at, _USER, _NO_REASON)
        diagnostic = self._authenticate(index, now_ms)
        if diagnostic:
            return self._reject(out, at, _USER, diagnostic)
        self._client = client
        self._server = server
        return self._negotiate(index, known, out, at)

    def between(self, client: int, server: int) -> bool:
        """Is this the association of these two? A channel may carry more pairs than one."""
        return self.status != _IDLE and self._client == client and self._server == server

    def close(self, client: int, server: int, buf, pos: int, end: int, out, at: int) -> int:
        """Write the RLRE for the RLRQ at buf[pos:end] to out[at:]; returns its end.

        The reason and the user-information change nothing. Raises UnknownApdu when the RLRQ is
        malformed; the association stays then.
        """
        rlrq = self._fields
        reason = rlrq.size[_FIELD_REASON] if rlrq.parse(buf, pos, end) else 0
        if reason != 1 and reason != _ABSENT:
            raise UnknownApdu
        if self.between(client, server):
            self.release()
        return rlre(out, at)

    def _reject(self, out, at: int, source: int, diagnostic: int) -> int:
        return aare(out, at, _REJECTED, source, diagnostic, b"")

    def _authenticate(self, index: int, now_ms: int) -> int:
        """0 when the AARQ proves what this association asks for, else the diagnostic."""
        aarq = self._fields
        wanted = associations.mechanism(index)
        offered = aarq.mechanism() if aarq.has(_FIELD_MECHANISM) else 0
        if not 0 <= offered <= _MECHANISM_LAST:
            return _MECHANISM_UNKNOWN
        if offered == wanted == 0:
            return 0
        if not offered:
            # Requirements without a mechanism: the name is what is missing.
            missing_name = aarq.has(_FIELD_REQUIREMENTS) and not aarq.has(_FIELD_MECHANISM)
            return _MECHANISM_REQUIRED if missing_name else _AUTHENTICATION_REQUIRED
        if offered != wanted or not aarq.bit_0(_FIELD_REQUIREMENTS):
            return _AUTHENTICATION_FAILURE
        return self._password(index, now_ms)

    def _password(self, index: int, now_ms: int) -> int:
        # AC len 80 len password; compared in constant time where the secret lies.
        aarq = self._fields
        size = aarq.size[_FIELD_VALUE]
        if self._throttle.closed(index, now_ms):
            return _AUTHENTICATION_FAILURE
        if size < 0 or not associations.secret_equal(index, aarq.buf, aarq.at[_FIELD_VALUE], size):
            self._throttle.failed(index, now_ms)
            return _AUTHENTICATION_FAILURE
        self._throttle.passed(index)
        return 0

    def _negotiate(self, index: int, known: bool, out, at: int) -> int:
        """The xDLMS part, BE len 04 len InitiateRequest; known: it could be read."""
        request = self._initiate
        offered = associations.conformance(index)
        error = request.judge(offered) if known else _ERROR_OTHER
        if error != _GOOD:
            return aare(out, at, _REJECTED, _USER, _NO_REASON, initiate.error(error))
        self.index = index
        self.status = _ASSOCIATED
        self.conformance = offered & request.conformance
        self.max_pdu_tx = min(self._own_tx, request.max_pdu or self._own_tx)
        answer = initiate.response(self.conformance, self.max_pdu_rx, request.quality)
        return aare(out, at, _ACCEPTED, _USER, 0, answer)
