"""The meter room measures and knows the time; it knows no DLMS.

    ring of samples (port.adc)
      -> accumulate.accumulate    sums over one window of whole mains cycles      viper, leaf
      -> quantities               sums -> V, I, P, PF, f, energy of the window    integers
      -> energy.Energy            import and export, never falling
      -> registers                live values by slot, in the octet order of the wire
    settings                      values that clients set
    log                           rows of profiles and events, which no class of the table has yet
    meter.Meter drives these; clock.Clock makes local time of port.rtc's UTC.
"""
