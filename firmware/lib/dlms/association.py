# The application association: who asks, and what was agreed. Green Book 9.4.2, 9.4.3.
#
# AARQ -> AARE. The checks come in this order, the first failure answers:
#   BER broken                              1 rejected, user 1 no-reason-given
#   protocol-version without version1       1 rejected, provider 2 no-common-acse-version
#   context not LN without ciphering        1 rejected, user 2 context-name-not-supported
#   no association for this client          1 rejected, user 1
#   authentication                          1 rejected, user 11, 12, 13 or 14
#   InitiateRequest                         1 rejected, user 1 and an initiate error
from micropython import const

from cosem import associations
from dlms import initiate
from dlms.acse import Aarq, aare

_FIELD_VERSION = const(0)  # indices of acse.py
_FIELD_REQUIREMENTS = const(2)
_FIELD_MECHANISM = const(3)
_FIELD_VALUE = const(4)
_FIELD_USER = const(5)
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
_ERROR_CONFORMANCE = const(2)  # initiate.py
_MALFORMED = const(-1)
_GOOD = const(-2)
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
        self._aarq = Aarq()
        self._initiate = initiate.Initiate()
        self.release()

    def release(self):
        """Forget the association."""
        self.status = _IDLE
        self.index = -1
        self.conformance = 0
        self.max_pdu_tx = self._own_tx

    def open(self, client: int, server: int, buf, pos: int, end: int, out, at: int) -> int:
        """Judge the AARQ at buf[pos:end] and write the AARE to out[at:]; returns its end.

        Returns at, so no answer, for an unconfirmed association: none is offered.
        """
        self.release()
        aarq = self._aarq
        if not aarq.parse(buf, pos, end):
            return self._reject(out, at, _USER, _NO_REASON)
        if aarq.has(_FIELD_VERSION) and not aarq.bit_0(_FIELD_VERSION):
            return self._reject(out, at, _PROVIDER, 2)
        if aarq.context() != _LN:
            return self._reject(out, at, _USER, _CONTEXT_UNSUPPORTED)
        index = associations.select(client, server)
        if index < 0:
            return self._reject(out, at, _USER, _NO_REASON)
        diagnostic = self._authenticate(index)
        if diagnostic:
            return self._reject(out, at, _USER, diagnostic)
        return self._negotiate(index, out, at)

    def _reject(self, out, at: int, source: int, diagnostic: int) -> int:
        return aare(out, at, _REJECTED, source, diagnostic, b"")

    def _authenticate(self, index: int) -> int:
        """0 when the AARQ proves what this association asks for, else the diagnostic."""
        aarq = self._aarq
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
        return self._password(index)

    def _password(self, index: int) -> int:
        # AC len 80 len password; compared in constant time where the secret lies.
        aarq = self._aarq
        size = aarq.inner(_FIELD_VALUE, 0x80)
        if size < 0 or not associations.secret_equal(index, aarq.buf, aarq.at[_FIELD_VALUE], size):
            return _AUTHENTICATION_FAILURE
        return 0

    def _negotiate(self, index: int, out, at: int) -> int:
        """The xDLMS part: BE len 04 len InitiateRequest."""
        aarq = self._aarq
        request = self._initiate
        size = aarq.inner(_FIELD_USER, 0x04)
        start = aarq.at[_FIELD_USER]
        error = request.parse(aarq.buf, start, start + size) if size > 0 else _MALFORMED
        conformance = associations.conformance(index) & request.conformance
        if error == _GOOD and not conformance:
            error = _ERROR_CONFORMANCE
        if error != _GOOD:
            return aare(out, at, _REJECTED, _USER, _NO_REASON, initiate.error(max(error, 0)))
        if not request.response_allowed:
            return at
        self.index = index
        self.status = _ASSOCIATED
        self.conformance = conformance
        self.max_pdu_tx = min(self._own_tx, request.max_pdu or self._own_tx)
        return aare(out, at, _ACCEPTED, _USER, 0, initiate.response(conformance, self.max_pdu_rx))
