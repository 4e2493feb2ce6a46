using Director.Dataplane.Connections;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Synchronization;

/// <summary>
/// Makes a standby's table as the owner's entries say: connections and templates, and what their servers have of them. The same
/// entry twice changes nothing. Packet thread only.
/// </summary>
public sealed class EntryApplication(ConnectionTable table, ServiceTable services, ConnectionForwarder forwarder, SyncCounters counters)
{
    /// <summary>There was no room for all of it.</summary>
    public bool IsIncomplete { get; set; }

    /// <summary>Does what the entry says.</summary>
    /// <param name="entry">Sound.</param>
    /// <param name="copy">The copy of everything that it confirms its record for.</param>
    /// <param name="now">Ticks.</param>
    public void Apply(scoped in SyncEntry entry, byte copy, uint now)
    {
        uint number = entry.IsTemplate ? table.Templates.Find(entry.Flow, entry.Data) : table.Find(entry.Flow);
        if (entry.IsRemoval)
        {
            if (number != 0)
                End(number);
            return;
        }
        uint slot = table.Servers.Keep(entry.Server, entry.Method);
        if (number != 0 && !IsSame(number, slot, entry))
        {
            End(number);
            number = 0;
            // The slot may have gone with its only connection.
            slot = table.Servers.Keep(entry.Server, entry.Method);
        }
        if (slot == 0 || (number == 0 && (number = Make(slot, entry, now)) == 0))
        {
            counters.SyncEntriesWithoutRoom++;
            IsIncomplete = true;
            if (slot != 0)
                table.Servers.Forgo(slot);
            return;
        }
        if (services.ServerAt(slot) is null)
            counters.SyncEntriesUnconfigured++;
        Set(number, entry, now);
        table[number].ConfirmedBy = copy;
    }

    /// <summary>A record that the owner does not have goes, unless it is a template whose connections do not go with it. False then.</summary>
    public bool End(uint number)
    {
        if (!table.Templates.IsInUse(number))
        {
            forwarder.Remove(number);
            return true;
        }
        if (!table.Templates.IsInvalid(number))
            table.Templates.Invalidate(number);
        return false;
    }

    private bool IsSame(uint number, uint slot, scoped in SyncEntry entry)
    {
        Connection connection = table.At(number);
        ref ConnectionRecord record = ref connection.Record;
        return record.ServerSlot == slot && record.ServerPort == entry.ServerPort && record.Forwarding == entry.Method
            && (entry.IsTemplate || (connection.Local == entry.Local && ((record.Flags ^ entry.FlagBits) & SyncEntry.Told) == 0));
    }

    private uint Make(uint slot, scoped in SyncEntry entry, uint now)
    {
        Server? server = services.ServerAt(slot);
        if (entry.IsTemplate)
        {
            uint template = table.Templates.Create(entry.Flow, slot, entry.ServerPort, entry.Method, entry.OwnTimeout, entry.Data, now);
            if (template != 0)
                server?.TemplateBound();
            return template;
        }
        ConnectionFlags reply = entry.Method is ForwardingMethod.Masquerade or ForwardingMethod.FullNat ? ConnectionFlags.Reply : ConnectionFlags.None;
        uint number = table.Add(entry.Flow, slot, entry.ServerPort, entry.Method, reply | (entry.FlagBits & SyncEntry.Told), 0, [], now, entry.Local);
        if (number == 0)
            return 0;
        server?.ConnectionBound(active: false);
        forwarder.Warm(entry.Flow.Source);
        if (entry.Local.Port != 0)
            server?.LocalPorts?.MarkUsed(entry.Local);
        return number;
    }

    private void Set(uint number, scoped in SyncEntry entry, uint now)
    {
        Connection connection = table.At(number);
        bool was = connection.Record.IsActive;
        table.Times.Restore(number, entry.State, entry.FlagBits, new Restored(entry.Remaining, entry.OwnTimeout, now));
        if (entry.IsTemplate)
            return;
        bool active = connection.Record.IsActive;
        if (active != was)
            services.ServerAt(connection.Record.ServerSlot)?.ConnectionChanged(active);
        if ((entry.FlagBits & SyncEntry.Told) != 0)
            connection.Handshake = entry.Handshake;
        if ((entry.FlagBits & ConnectionFlags.Controlled) != 0)
            table.Templates.Attach(number, entry.HasTemplate ? table.Templates.Find(entry.Template, entry.TemplateData) : 0);
    }
}
