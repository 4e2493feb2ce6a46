using Director.Dataplane.Connections;

namespace Director.Dataplane.Synchronization;

/// <summary>Records as entries.</summary>
internal static class RecordEntries
{
    /// <summary>Writes what there is to say of a record; 0: nothing, it is gone, or half open, or a template that nobody is to find.</summary>
    /// <param name="table">Where it is.</param>
    /// <param name="number">Of the record.</param>
    /// <param name="to">With room for the longest entry.</param>
    /// <param name="now">Ticks.</param>
    public static int Write(ConnectionTable table, uint number, Span<byte> to, uint now)
    {
        ref ConnectionRecord record = ref table[number];
        if (!record.IsInUse)
            return 0;
        bool template = (record.Flags & ConnectionFlags.Template) != 0;
        if (template ? table.Templates.IsInvalid(number) : !table.Journal.Covers(record.State))
            return 0;
        Connection connection = table.At(number);
        ref readonly ServerSlot slot = ref table.Servers[record.ServerSlot];
        uint madeBy = template ? 0 : table.Templates.Of(number);
        bool told = (record.Flags & SyncEntry.Told) != 0;
        bool hasTemplate = madeBy != 0 && !table.Templates.IsInvalid(madeBy);
        SyncEntry entry = new()
        {
            Kind = template ? SyncEntryKind.Template : SyncEntryKind.Connection,
            Flow = connection.Flow,
            Data = template ? table.DataOf(number) : default,
            State = record.State,
            FlagBits = record.Flags & (template ? ConnectionFlags.MethodMask : SyncEntry.Flags),
            Remaining = (uint)Math.Max(table.Times.Remaining(number, now), 0),
            OwnTimeout = record.OwnTimeout,
            Server = slot.Identity,
            ServerPort = record.ServerPort,
            Local = connection.Local,
            Handshake = told ? connection.Handshake : default,
            HasTemplate = hasTemplate,
            Template = hasTemplate ? table.At(madeBy).Flow : default,
            TemplateData = hasTemplate ? table.DataOf(madeBy) : default,
        };
        record.Marks |= SyncMarks.Sent;
        return EntryWriter.Write(to, entry);
    }

    /// <summary>
    /// Whether no standby knows the record's template yet, which waits behind it: the record's number was noted for the connection that
    /// had it before.
    /// </summary>
    public static bool IsAheadOfItsTemplate(ConnectionTable table, uint number) => table[number].IsInUse
        && table.Templates.Of(number) is var template and not 0
        && (table[template].Marks & (SyncMarks.Queued | SyncMarks.Sent)) == SyncMarks.Queued;

    /// <summary>The last that a standby hears of a record, which is still there.</summary>
    public static SyncEntry Removal(ConnectionTable table, uint number)
    {
        bool template = (table[number].Flags & ConnectionFlags.Template) != 0;
        return new SyncEntry
        {
            Kind = template ? SyncEntryKind.TemplateRemoved : SyncEntryKind.ConnectionRemoved,
            Flow = table.At(number).Flow,
            Data = template ? table.DataOf(number) : default,
        };
    }
}
