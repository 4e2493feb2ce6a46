using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Synchronization;

public sealed class SyncEntryFormatTests
{
    public static TheoryData<string> Names => [.. Entry.All.Select(each => each.Name)];

    /// <summary>What no director writes: name, and what is wrong with a whole entry.</summary>
    public static TheoryData<string> Forgeries => [.. Forged.Keys];

    private static Dictionary<string, byte[]> Forged => new()
    {
        ["length 0"] = Patched(Entry.Masqueraded, 0, 0, 0),
        ["length beyond the end"] = Patched(Entry.Masqueraded, 0, 44),
        ["kind 0"] = Patched(Entry.Masqueraded, 2, 0),
        ["kind 5"] = Patched(Entry.Masqueraded, 2, 5),
        ["unknown part"] = Patched(Entry.Masqueraded, 3, 0x80),
        ["a removal with a server"] = Patched(Entry.Gone, 3, 0x02),
        ["protocol ICMP"] = Patched(Entry.Masqueraded, 4, 1),
        ["a connection of no protocol"] = Patched(Entry.Masqueraded, 4, 0),
        ["state 26"] = Patched(Entry.Masqueraded, 5, 26),
        ["a flag that is the receiver's own"] = (Entry.Masqueraded with { Flags = ConnectionFlags.InUse }).Write(),
        ["forwarding method 4"] = (Entry.Masqueraded with { Flags = Entry.Method((ForwardingMethod)4) }).Write(),
        ["forwarding method 7"] = (Entry.Masqueraded with { Flags = Entry.Method((ForwardingMethod)7) }).Write(),
        ["full NAT without a local address"] = (Entry.Masqueraded with { Flags = Entry.Method(ForwardingMethod.FullNat) }).Write(),
        ["a local address without full NAT"] = (Entry.Masqueraded with { Local = new LocalEndpoint(IpAddress.FromIpv4(1), 1) }).Write(),
        ["told twice"] = (Entry.Introduced with { Flags = Entry.Introduced.Flags | ConnectionFlags.Toa }).Write(),
        ["owed, but not told"] = (Entry.Masqueraded with { Flags = ConnectionFlags.AddressOwed }).Write(),
        ["a template for ever"] = (Entry.Made with { OwnTimeout = 0 }).Write(),
        ["a template established"] = (Entry.Made with { State = ConnectionState.Established }).Write(),
        ["a template of one client port"] = (Entry.Made with { Flow = new FlowKey(0, 1, 1, 7, 0) }).Write(),
        ["a template that owes"] = (Entry.Made with { Flags = ConnectionFlags.Controlled }).Write(),
        ["made by a template, but not controlled"] = (Entry.ByTemplate with { Flags = ConnectionFlags.None }).Write(),
        ["longer than any timeout"] = (Entry.Masqueraded with { Remaining = uint.MaxValue }).Write(),
        ["an own timeout longer than any"] = (Entry.Masqueraded with { OwnTimeout = uint.MaxValue }).Write(),
        ["a mark with a protocol"] = (Entry.Made with { Server = Entry.Made.Server with { Protocol = 6 } }).Write(),
        ["an address without a protocol"] = (Entry.Masqueraded with { Server = Entry.Masqueraded.Server with { Protocol = 0 } }).Write(),
        ["IPv4 in IPv6's clothes"] = Disguised(),
        ["a byte more"] = Longer(),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Comes_back_as_it_was(string name)
    {
        Entry entry = Entry.All.Single(each => each.Name == name).Entry;
        Assert.Equal(entry, Entry.Read(entry.Write()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_written_as_it_always_was(string name)
    {
        Entry entry = Entry.All.Single(each => each.Name == name).Entry;
        Assert.Equal(Frozen.Bytes(name, entry.Write()), Convert.ToHexString(entry.Write()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_truncation_is_refused(string name)
    {
        byte[] whole = Entry.All.Single(each => each.Name == name).Entry.Write();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.False(SyncEntryFormat.TryRead(whole.AsSpan(0, length), out _, out _));
            // Also if the length says that this is all of it.
            byte[] cut = whole[..length];
            if (length >= 2)
                BinaryPrimitives.WriteUInt16LittleEndian(cut, (ushort)length);
            Assert.False(SyncEntryFormat.TryRead(cut, out _, out _), $"{length} of {whole.Length} bytes were taken for all of it");
        }
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void What_contradicts_itself_is_refused(string name) => Assert.Null(Entry.Read(Forged[name]));

    [Fact]
    public void Whatever_comes_it_is_refused_or_could_be_written_again()
    {
        Random random = new(1);
        int taken = 0;
        foreach ((_, Entry entry) in Entry.All)
        {
            for (int i = 0; i < 20_000; i++)
            {
                byte[] bytes = entry.Write();
                for (int changes = random.Next(1, 4); changes > 0; changes--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                if (Entry.Read(bytes) is not { } read)
                    continue;
                taken++;
                Assert.Equal(read, Entry.Read(read.Write()));
            }
        }
        Assert.InRange(taken, 10_000, 140_000);
    }

    [Fact]
    public void Connections_of_ipv4_take_no_more_than_a_cache_line()
    {
        foreach (Entry entry in new[] { Entry.Masqueraded, Entry.Introduced, Entry.ByTemplate, Entry.Made })
            Assert.InRange(entry.Write().Length, SyncEntryFormat.FewestBytes, 64);
        Assert.Equal(43, Entry.Masqueraded.Write().Length);
    }

    private static byte[] Patched(Entry entry, int at, params byte[] bytes)
    {
        byte[] whole = entry.Write();
        bytes.CopyTo(whole, at);
        return whole;
    }

    private static byte[] Disguised()
    {
        byte[] whole = Entry.Ipv6.Write();
        new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF }.CopyTo(whole, 12);
        return whole;
    }

    private static byte[] Longer()
    {
        byte[] whole = [.. Entry.Masqueraded.Write(), 0];
        whole[0]++;
        return whole;
    }
}
