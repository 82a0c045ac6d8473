"""Runs the steps of one case on one line; what goes wrong is told with all octets."""

import case_client
import case_file
import octets

_REQUEST = b"/?!\r\n"
_ACKNOWLEDGE = b"\x06\x32%c\x32\r\n"
_GAP_MS = 300  # the meter changes its line behind the last bit; longer than the inter-octet time
_NAME = bytes.fromhex("000F0000280000FF01")  # logical name of the current association
_NAME_DATA = bytes.fromhex("09060000280000FF")


class Failed(AssertionError):
    """A case that does not hold."""


class Run:
    """One case on one line (host_line.Line, board_line.Line)."""

    def __init__(self, case, line):
        self.case = case
        self.line = line
        self.client = None
        self.sent = b""
        self.transcript = []

    def all(self):
        """Begin where the case begins, then take the steps."""
        __tracebackhide__ = True  # the octets tell it all
        self._begin(self.case.pre)
        for number, step in enumerate(self.case.steps, 1):
            for _ in range(step.get("times", 1)):
                try:
                    self._step(step)
                except AssertionError as error:
                    raise Failed(self._told(number, step, error)) from None

    def _told(self, number, step, error):
        lines = [f"{self.case.id} ({self.case.title}), step {number} of {len(self.case.steps)}"]
        lines += [f"  step      {step}", f"  stimulus  {octets.shown(self.sent)}", f"  {error}"]
        return "\n".join(lines)

    def _step(self, step):
        getattr(self, "_" + next(iter(step)))(step)

    # --- where a case begins ---------------------------------------------------------------------

    def _begin(self, state):
        if state in case_file.SIGN_ON:
            return self._sign_on(state)
        if self.case.port == "optical" and self.line.baud < 9600:
            self._sign_on("mode-E")
        if state:
            self._connect(state)

    def _sign_on(self, state):
        if state == "idle":
            return
        identification = self.line.exchange(_REQUEST)
        if state == "mode-E":
            answer = _ACKNOWLEDGE % identification[4]
            if self.line.exchange(answer) != answer:
                raise Failed("the sign-on was not confirmed")
            self.line.wait(_GAP_MS)

    def _connect(self, state):
        case = self.case
        sap, password = case_client.CLIENTS.get(state, (16, b""))
        self.client = case_client.Client(
            self.line,
            case.get("client", sap),
            octets.build(case.get("server", "03")),
            case.get("max_info", 0),
            case.get("window", 0),
        )
        self.client.disconnect()
        if state != "NDM":
            self.client.connect()
        if state in case_client.CLIENTS:
            conformance = octets.build(case.get("conformance", "00 7E 1F"))
            self.client.associate(password, conformance, case.get("max_pdu", case_client.MAX_PDU))

    def _pre(self, step):
        self._begin(step["pre"])

    # --- octets ----------------------------------------------------------------------------------

    def _frame(self, step):
        self.sent = octets.build(step["frame"])
        if "slow_ms" in step:
            self.line.send_slowly(self.sent, step["slow_ms"])
        else:
            self.line.send(self.sent)

    def _damaged(self, step):
        self.sent = octets.build(step["damaged"])
        self.line.damaged(self.sent)

    def _expect(self, step):
        _compare(step["expect"], self.line.listen())

    def _silence(self, step):
        heard = self.line.nothing()
        if heard:
            raise Failed(f"expected  silence\n  got       {octets.shown(heard)}")

    def _wait_ms(self, step):
        self.line.wait(step["wait_ms"])

    def _baud(self, step):
        if abs(self.line.baud - step["baud"]) > step["baud"] * 0.02:
            raise Failed(f"expected  {step['baud']} Bd\n  got       {self.line.baud} Bd")

    # --- application -----------------------------------------------------------------------------

    def _apdu(self, step):
        self.sent = octets.build(step["apdu"])
        answer = self.client.ask(self.sent)
        if "no_answer" in step:
            if answer:
                raise Failed(f"expected  no answer\n  got       {octets.shown(answer)}")
        elif "answer" in step:
            _compare(step["answer"], answer)

    def _get(self, step):
        name = case_file.descriptor(step["get"])
        self.sent = bytes((0xC0, 1, 0xC1)) + name + b"\x00"
        found = case_client.read(self.client, name)
        if "result" in step or isinstance(found, int):
            if found != step.get("result", 0):
                raise Failed(f"expected  result {step.get('result', 0)}\n  got       {found}")
        elif "value" in step:
            _compare(step["value"], found)

    def _state(self, step):
        """NDM or NRM: DISC gives DM or UA; associated: the association answers."""
        if step["state"] == "associated":
            if case_client.read(self.client, _NAME) != _NAME_DATA:
                raise Failed("the association is not there any more")
            return
        client = self.client or case_client.Client(self.line)
        wanted = {"NDM": 0x1F, "NRM": 0x73}[step["state"]]
        answer, _ = client.command(0x53)
        if answer != wanted:
            raise Failed(f"expected  DISC gives control {wanted:02X}\n  got       {answer:02X}")


def _compare(wanted, heard):
    if not octets.pattern(wanted).fullmatch(heard):
        texts = [wanted] if isinstance(wanted, str) else wanted
        shown = "\n         or ".join(" ".join(text.split()) for text in texts)
        raise Failed(f"expected  {shown}\n  got       {octets.shown(heard)}")
