using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Synchronization;

/// <summary>Writes <see cref="SyncEntry"/> in the format of docs/connection-sync.md. Allocates nothing.</summary>
public ref struct EntryWriter
{
    private readonly Span<byte> _bytes;
    private int _at;

    private EntryWriter(Span<byte> bytes)
    {
        _bytes = bytes;
    }

    /// <summary>Returns the length, at most <see cref="SyncEntryFormat.MostBytes"/>.</summary>
    /// <param name="bytes">With room for the longest.</param>
    /// <param name="entry">Whole.</param>
    public static int Write(Span<byte> bytes, scoped in SyncEntry entry)
    {
        EntryWriter writer = new(bytes);
        SyncEntryParts parts = PartsOf(entry);
        writer._at = sizeof(ushort);
        writer.Byte((byte)entry.Kind);
        writer.Byte((byte)parts);
        writer.Byte(entry.Flow.Protocol);
        writer.Byte((byte)entry.State);
        writer.UInt16((ushort)entry.FlagBits);
        writer.UInt16(entry.Flow.SourcePort);
        writer.UInt16(entry.Flow.DestinationPort);
        writer.Address(entry.Flow.Source);
        writer.Address(entry.Flow.Destination);
        if (!entry.IsRemoval)
            writer.Body(entry, parts);
        if (entry.IsTemplate && (parts & SyncEntryParts.Persistence) != 0)
            writer.Data(entry.Data);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)writer._at);
        return writer._at;
    }

    private static SyncEntryParts PartsOf(scoped in SyncEntry entry)
    {
        SyncEntryParts parts = entry.Flow.IsIpv4 ? SyncEntryParts.None : SyncEntryParts.Ipv6;
        if (entry.IsTemplate ? !entry.Data.IsEmpty : entry.HasTemplate)
            parts |= SyncEntryParts.Persistence;
        if (entry.IsRemoval)
            return parts;
        if (entry.Server.Mark != 0)
            parts |= SyncEntryParts.Mark;
        if (entry.Server.Virtual.Family == 6)
            parts |= SyncEntryParts.ServiceIpv6;
        if (entry.Server.Address.Family == 6)
            parts |= SyncEntryParts.ServerIpv6;
        if (entry.Local.Port != 0)
            parts |= SyncEntryParts.Local;
        if ((entry.FlagBits & SyncEntry.Told) != 0)
            parts |= SyncEntryParts.Handshake;
        return parts;
    }

    private void Body(scoped in SyncEntry entry, SyncEntryParts parts)
    {
        UInt32(entry.Remaining);
        UInt32(entry.OwnTimeout);
        UInt16(entry.ServerPort);
        ServerIdentity server = entry.Server;
        if ((parts & SyncEntryParts.Mark) != 0)
        {
            UInt32(server.Mark);
        }
        else
        {
            Words(server.Virtual);
            UInt16(server.VirtualPort);
        }
        Byte(server.Protocol);
        Words(server.Address);
        UInt16(server.Port);
        if ((parts & SyncEntryParts.Local) != 0)
        {
            Address(entry.Local.Address);
            UInt16(entry.Local.Port);
        }
        if ((parts & SyncEntryParts.Handshake) != 0)
        {
            UInt32(entry.Handshake.First);
            UInt32(entry.Handshake.SentUpTo);
            UInt16(entry.Handshake.Missing);
            UInt16(entry.Handshake.Known);
        }
        if (entry.IsTemplate || (parts & SyncEntryParts.Persistence) == 0)
            return;
        Byte(entry.Template.Protocol);
        UInt16(entry.Template.DestinationPort);
        Address(entry.Template.Source);
        Address(entry.Template.Destination);
        Data(entry.TemplateData);
    }

    private void Byte(byte value) => _bytes[_at++] = value;

    private void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes[_at..], value);
        _at += sizeof(ushort);
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[_at..], value);
        _at += sizeof(uint);
    }

    private void Address(IpAddress address) => _at += address.Write(_bytes[_at..]);

    // As they lie in memory, which is network order.
    private void Words(AddressWords address)
    {
        if (address.Family == 6)
        {
            BitConverter.TryWriteBytes(_bytes[_at..], address.First);
            BitConverter.TryWriteBytes(_bytes[(_at + sizeof(ulong))..], address.Second);
            _at += IpAddress.Ipv6Length;
            return;
        }
        BitConverter.TryWriteBytes(_bytes[_at..], (uint)(BitConverter.IsLittleEndian ? address.First : address.First >> 32));
        _at += IpAddress.Ipv4Length;
    }

    private void Data(ReadOnlySpan<byte> data)
    {
        Byte((byte)data.Length);
        data.CopyTo(_bytes[_at..]);
        _at += data.Length;
    }
}
