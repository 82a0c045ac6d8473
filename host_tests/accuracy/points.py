# Test points, limits of error, and the deliberately wrong front end. Runs on CPython and on
# MicroPython.
#
# 0.5 S active, IEC 62053-22, and class 2 reactive, IEC 62053-23; currents as parts of In. The meter
# is for 5(60) A, so In = Ib = 5 A and Imax = 12 In.
UN_V = 230.0
IB_A = 5.0
HZ = 50.0
CURRENTS = (0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8, 12)  # of Ib
# Name -> degrees by which the current lags: cos 60 = 0.5, cos 36.87 = 0.8, cos 75.52 = 0.25.
FACTORS = (("1", 0.0), ("0.5L", 60.0), ("0.8C", -36.8699), ("0.25L", 75.5225), ("0.5C", -60.0))

# Errors of the simulated front end against the figures of front_end.toml, before calibration.
WRONG = {
    "gain_v": 1.021,
    "gain_i": 0.968,
    "lead_deg": 0.35,  # the current transformer runs ahead
    "offset_steps": 14.0,  # of half the converter's range
}


def limit(part, factor):
    """Limit of error in percent at part * In; None where the standard asks for nothing."""
    if factor == "1":
        return 1.0 if part < 0.05 else 0.5
    if factor in ("0.5L", "0.8C"):
        return None if part < 0.02 else 1.0 if part < 0.1 else 0.6
    return 1.0 if part >= 0.1 else None  # 0.25 L, 0.5 C


def reactive_limit(part, factor):
    """Limit of the error of reactive energy in percent; None where there is none or is no limit.

    The factors but 1 have sines from 0.6 to 0.97; they are judged as sin 1 is, the strictest row."""
    if factor == "1" or part < 0.05:
        return None
    return 2.5 if part < 0.1 else 2.0


def grid():
    """(name, section, part of Ib, factor, volts, Hz, degrees, harmonics of v and i, limit)."""
    made = []
    for direction, turn in (("import", 0.0), ("export", 180.0)):
        for factor, degrees in FACTORS:
            for part in CURRENTS:
                made.append({
                    "section": "grid", "direction": direction, "factor": factor, "part": part,
                    "volts": UN_V, "hz": HZ, "degrees": degrees + turn,
                    "limit": limit(part, factor)})  # fmt: skip
    return made


def influences():
    """Points whose error may differ by so much from that at Un and fn, IEC 62053-22 table 8.

    Voltage +-10 %: 0.2 and 0.4 %; frequency +-2 %: 0.2 and 0.2 %; 5th harmonic, 10 % of the
    voltage and 40 % of half of Imax in phase: 0.5 %."""
    made = []
    for factor, degrees, by_volts in (("1", 0.0, 0.2), ("0.5L", 60.0, 0.4)):
        for volts in (0.9, 1.1):
            made.append(_influence(f"{volts:.1f} Un", factor, degrees, by_volts, volts=volts * UN_V))
        for hz in (49.0, 51.0):
            made.append(_influence(f"{hz:.0f} Hz", factor, degrees, 0.2, hz=hz))
    made.append(_influence("5th harmonic", "1", 0.0, 0.5, part=6.0,
                           harmonics_v=[[5, 0.1]], harmonics_i=[[5, 0.4]]))  # fmt: skip
    return made


def _influence(name, factor, degrees, by, part=1, volts=UN_V, hz=HZ, harmonics_v=(), harmonics_i=()):
    return {"section": "influence", "direction": name, "factor": factor, "part": part,
            "volts": volts, "hz": hz, "degrees": degrees, "limit": by,
            "harmonics_v": list(harmonics_v), "harmonics_i": list(harmonics_i)}  # fmt: skip


def start():
    """0.1 % of In, and nothing: IEC 62053-22 8.3."""
    made = []
    for direction, turn in (("import", 0.0), ("export", 180.0)):
        made.append({"section": "start", "direction": direction, "factor": "1", "part": 0.001,
                     "volts": UN_V, "hz": HZ, "degrees": turn, "limit": None})  # fmt: skip
    made.append({"section": "no load", "direction": "1.15 Un", "factor": "-", "part": 0.0,
                 "volts": 1.15 * UN_V, "hz": HZ, "degrees": 0.0, "limit": None})  # fmt: skip
    return made
