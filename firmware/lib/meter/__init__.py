"""The meter room measures and knows the time; it knows no DLMS.

    ring of samples (port.adc)
      -> accumulate.accumulate    sums over one window of whole mains cycles      viper, leaf
      -> quantities               sums -> V, I, P, PF, f, energy of the window    integers
      -> energy.Energy            import and export, never falling
      -> registers                live values by slot, in the octet order of the wire
    memory.Memory                 what lasts: settings and logs on a journal in raw flash
      journal.Journal             sectors: erased in turn, taken, released
      store.Store, settings       octets by key
      log.Log                     rings of records: profiles, events
      keeper.Keeper               energies, saved before they are shown
      counter.Counter             numbers that never come twice
    events                        what has happened, until it is in its log
    meter.Meter drives these; clock.Clock makes local time of port.rtc's UTC with the dates and
    zones of date.
"""
