"""The cosem room: which object, which attribute, who may, what bytes.

    class|obis|attribute          dispatch.open    find a row, check the right
          |                            |
          v                            v
        find (viper) over table.ROWS   associations: rights, secrets, conformance of table
          |
          v
    dispatch.get -> data register clock association_ln sap      one file per class
                    optical_setup hdlc_setup ...
                        |
                        v
                    value -> table.POOL (constants), meter.registers (live values) or
                             meter.settings (what clients set)

dispatch.set and dispatch.act go the same way; every stands for attribute 0, all at once.
configuration counts the settings that clients change so.

Scripts start by themselves: schedule, single_action_schedule and activity_calendar find what is
due, due starts it in order, script_table runs it with the meter's rights through internal.

The data readout of IEC 62056-21 goes by itself: readout makes its lines out of table.READOUT.

request.Request is what the service layer and the class files share. table is generated from
firmware/meter.toml; docs/objects.md shows the same objects to people.
"""
