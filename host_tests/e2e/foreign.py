"""Other people's clients as they are installed, behind one small interface.

    with Gurux(url, ...) as meter: meter.objects(), meter.get(class_id, obis, attribute)

get() returns the encoded Data. mode_e signs on first, as a person with an optical head would.
"""

import time

import serial
from dlms_cosem import cosem, enumerations, utils
from dlms_cosem.clients.dlms_client import DlmsClient
from dlms_cosem.clients.hdlc_transport import SerialHdlcTransport
from dlms_cosem.hdlc import frames
from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Authentication, DataType, InterfaceType, ObjectType

_SILENCE_S = 3.0  # of the sign-on, whose first request may fall into the end of HDLC mode
_PATIENCE_S = 15.0  # an emulated board on a loaded machine may be far slower than a real one
_ASSOCIATION = bytes((0, 0, 40, 0, 0, 255))  # the current one
_GAP_S = 0.3  # after the hand-over, before the first frame
PASSWORD = "12345678"  # of the reader, firmware/meter.toml
READER, PUBLIC, CONFIGURATOR = 32, 16, 48
CONFIGURATOR_PASSWORD = "87654321"


class Denied(Exception):
    """A data-access-result other than success; args[0] is its number."""


def sign_on(port, baud=b"5"):
    """IEC 62056-21, mode E, in plain octets. Returns the identification line."""
    line = b""
    for _ in range(3):  # after DISC the port stays in HDLC for two seconds
        port.write(b"/?!\r\n")
        line = port.read_until(b"\r\n")
        if line:
            break
    assert line.startswith(b"/") and line[5:7] == b"\\2", line
    acknowledge = b"\x062" + baud + b"2\r\n"
    port.write(acknowledge)
    assert port.read_until(b"\r\n") == acknowledge
    time.sleep(_GAP_S)
    return line


def open_line(url, mode_e):
    """The port, ready for HDLC."""
    port = serial.serial_for_url(url, timeout=_SILENCE_S)
    if mode_e:
        sign_on(port)
    port.timeout = _PATIENCE_S
    return port


class Gurux:
    """gurux_dlms: GXDLMSClient makes and takes frames, this class carries them."""

    def __init__(self, url, mode_e=False, client=READER, password=PASSWORD, server=1, max_info=128,
                 window=1, max_pdu=1024):  # fmt: skip
        level = Authentication.NONE if password is None else Authentication.LOW
        self.client = GXDLMSClient(True, client, server, level, password, InterfaceType.HDLC)
        settings = self.client.hdlcSettings
        settings.maxInfoTX = settings.maxInfoRX = max_info
        settings.windowSizeTX = settings.windowSizeRX = window
        self.client.maxReceivePDUSize = max_pdu
        self.frames = 0  # answers that came, for tests of segmentation
        self.port = open_line(url, mode_e)
        try:
            self.client.parseUAResponse(self.exchange(self.client.snrmRequest()).data)
            self.client.parseAareResponse(self.exchange(self.client.aarqRequest()).data)
        except Exception:
            self._disconnect()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for frame in self.client.releaseRequest() or []:
            self.exchange(frame)
        self._disconnect()

    def _disconnect(self):
        try:
            self.exchange(self.client.disconnectRequest(True))
        finally:
            self.port.close()

    def exchange(self, frames):
        """Sends frames; returns the reply, whole."""
        reply = GXReplyData()
        for frame in frames if isinstance(frames, list) else [frames]:
            reply.clear()
            self._once(frame, reply)
            while reply.isMoreData():
                more = None if reply.isStreaming() else self.client.receiverReady(reply)
                self._once(more, reply)
        return reply

    def _once(self, frame, reply):
        if frame:
            self.port.write(bytes(frame))
        data = GXByteBuffer()
        while not self.client.getData(data, reply, GXReplyData()):
            piece = self.port.read(max(1, self.port.in_waiting))
            if not piece:
                raise TimeoutError("the meter does not answer gurux_dlms")
            data.set(piece)
        self.frames += 1

    def objects(self):
        """(class, version, obis, readable attributes) of what this association sees."""
        reply = self.exchange(self.client.getObjectsRequest())
        rows = self.client.parseObjects(reply.data, False)
        return [(int(row.objectType), row.version, _octets(row.logicalName), _readable(row))
                for row in rows]  # fmt: skip

    def reply(self, class_id, obis, attribute):
        """The reply to a GET as gurux_dlms understands it."""
        return self.exchange(self.client.read(_item(class_id, obis), attribute))

    def get(self, class_id, obis, attribute):
        reply = self.reply(class_id, obis, attribute)
        if reply.error:
            raise Denied(int(reply.error))
        return bytes(reply.data.array())

    def value(self, class_id, obis, attribute):
        """The decoded value in plain Python types."""
        return plain(self.reply(class_id, obis, attribute).value)

    def values(self, keys):
        """GET with a list: the decoded values, in as few requests as this client makes of it."""
        asked = [(_item(class_id, obis), attribute) for class_id, obis, attribute in keys]
        values = []
        for request in self.client.readList(asked):
            values += self.exchange(request).value
        return [plain(value) for value in values]

    def set_octets(self, obis, octets):
        """SET of attribute 2 of a Data object to an octet-string."""
        item = _item(1, obis)
        item.value = bytearray(octets)
        item.setDataType(2, DataType.OCTET_STRING)
        self._done(self.exchange(self.client.write(item, 2)))

    def act(self, class_id, obis, method, octets):
        """ACTION with an octet-string; what it returns."""
        name = _item(class_id, obis)
        frames = self.client.method(name, method, bytearray(octets), DataType.OCTET_STRING)
        reply = self.exchange(frames)
        self._done(reply)
        return plain(reply.value)

    def _done(self, reply):
        if reply.error:
            raise Denied(int(reply.error))


def _item(class_id, obis):
    known = class_id in ObjectType.__members__.values()
    item = GXDLMSClient.createObject(ObjectType(class_id) if known else ObjectType.DATA)
    item.objectType = class_id  # of a manufacturer's class this client knows nothing else
    item.logicalName = ".".join(str(octet) for octet in obis)
    return item


def _octets(name):
    return bytes(int(part) for part in name.split("."))


def _readable(row):
    try:
        numbers = range(1, row.getAttributeCount() + 1)
    except ValueError:  # a class it has no more than a name for
        numbers = sorted(attribute.index for attribute in row.attributes)
    return [n for n in numbers if int(row.getAccess(n)) in (1, 3)]


def plain(value):
    """gurux_dlms' types as list, bytes, str, int, float, bool, None."""
    name = type(value).__name__
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytearray):
        return bytes(value)
    if name == "GXBitString":
        return str(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else value


def _axdr_length(count):
    return bytes((count,)) if count < 0x80 else b"\x82" + count.to_bytes(2, "big")


class _Transport(SerialHdlcTransport):
    """The transport of this release, with two things mended.

    Silence of the meter is an error and not an endless loop. And where a frame holds 7E 7E (control
    field 7E and a header check sequence that begins so), the second flag does not open a frame:
    the release reads on to the closing flag there, looks no further than the next 7E of what it
    has, and waits for octets that have come already.
    """

    def _read_frame(self):
        octets = self._serial.read_until(frames.HDLC_FLAG)
        if octets == frames.HDLC_FLAG and not self.hdlc_connection.buffer:
            octets += self._serial.read_until(frames.HDLC_FLAG)
        if not octets:
            raise TimeoutError("the meter does not answer dlms-cosem")
        return octets


class Cosem:
    """dlms-cosem 21.3.2: its own HDLC transport on our port."""

    def __init__(self, url, mode_e=False, client=READER, password=PASSWORD, physical=None,
                 max_pdu=1024):  # fmt: skip
        self.port = open_line(url, mode_e)
        transport = _Transport(
            client_logical_address=client, server_logical_address=1, serial_port="",
            server_physical_address=physical, serial=self.port)  # fmt: skip
        method = None if password is None else enumerations.AuthenticationMechanism.LLS
        self.client = DlmsClient(
            client_logical_address=client, server_logical_address=1, io_interface=transport,
            authentication_method=method, max_pdu_size=max_pdu,
            password=None if password is None else password.encode())  # fmt: skip
        try:
            self.client.connect()
            self.granted = self.client.associate()
        except Exception:
            self._disconnect()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.release_association()
        self._disconnect()

    def _disconnect(self):
        # This release cannot take a UA without information, so the last frame is read as it is.
        transport = self.client.io_interface
        disc = frames.DisconnectFrame(transport.server_hdlc_address, transport.client_hdlc_address)
        self.port.write(disc.to_bytes())
        answer = self.port.read(len(disc.to_bytes()))
        self.port.close()
        assert answer[-4:-3] == b"\x73", answer.hex()  # UA, F=1

    def get(self, class_id, obis, attribute):
        # A number is as good as the library's own enumeration, which ends before 8192.
        return self.client.get(cosem.CosemAttribute(class_id, cosem.Obis(*obis), attribute))

    def value(self, class_id, obis, attribute):
        return utils.parse_as_dlms_data(self.get(class_id, obis, attribute))

    def objects(self):
        """(class, version, logical name) of the rows of the object list."""
        return [(row[0], row[1], bytes(row[2])) for row in self.value(15, _ASSOCIATION, 2)]

    def many(self, keys):
        """GET with a list: the encoded Data of each."""
        asked = [
            cosem.CosemAttributeWithSelection(
                cosem.CosemAttribute(enumerations.CosemInterface(c), cosem.Obis(*o), n), None)
            for c, o, n in keys
        ]  # fmt: skip
        return self.client.get_many(asked)

    def set_octets(self, obis, octets):
        """SET of attribute 2 of a Data object to an octet-string."""
        name = cosem.CosemAttribute(enumerations.CosemInterface.DATA, cosem.Obis(*obis), 2)
        answer = self.client.set(name, b"\x09" + _axdr_length(len(octets)) + octets)
        if answer.result != enumerations.DataAccessResult.SUCCESS:
            raise Denied(int(answer.result))

    def act(self, class_id, obis, method, data):
        """ACTION with an encoded parameter; the encoded Data it returns, None without."""
        name = cosem.CosemMethod(
            enumerations.CosemInterface(class_id), cosem.Obis(*obis), method)  # fmt: skip
        return self.client.action(name, data)
