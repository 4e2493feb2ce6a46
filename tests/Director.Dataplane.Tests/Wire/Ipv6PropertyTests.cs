using Director.Dataplane.Wire;
using FsCheck;
using FsCheck.Fluent;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

/// <summary>
/// Any chain of headers, built from its description, is read as described, whole, cut off anywhere and with any byte changed: as
/// <see cref="Ipv6Reading"/> reads it, and nothing is read or written outside.
/// </summary>
public sealed class Ipv6PropertyTests
{
    private sealed record Extension(byte Kind, int Length, int Offset, bool More, byte Type)
    {
        public byte[] Bytes(byte next) => Kind switch
        {
            44 => Fragment(next, Offset, More),
            43 => [.. Options(next, Length)[..2], Type, .. Options(next, Length)[3..]],
            51 => Authentication(next, Length),
            _ => Options(next, Length),
        };
    }

    private sealed record Described(Extension[] Extensions, byte Protocol, byte[] Payload)
    {
        public byte[] Bytes()
        {
            byte[] kinds = [.. Extensions.Select(extension => extension.Kind), Protocol];
            return Packet(kinds[0], [.. Extensions.SelectMany((extension, i) => extension.Bytes(kinds[i + 1])), .. Payload]);
        }

        public override string ToString() => Convert.ToHexString(Bytes());
    }

    // Every order and number of headers, allowed or not; most routing headers of a type that is.
    private static readonly Gen<Described> Packets =
        from count in Gen.Frequency((9, Gen.Choose(0, 4)), (1, Gen.Choose(5, 10)))
        from extensions in (
            from kind in Gen.Elements<byte>(0, 43, 44, 51, 60, 60)
            from units in Gen.Choose(1, 6)
            from offset in Gen.Elements(0, 0, 0, 8, 1448, 65528)
            from more in Gen.Elements(true, false)
            from type in Gen.Elements<byte>(4, 4, 2, 0)
            select new Extension(kind, kind == 44 ? 8 : units * 8, offset, more, type)).ArrayOf(count)
        from protocol in Gen.Elements<byte>(6, 17, 58, 59, 132, 1, 50)
        from length in Gen.Choose(0, 6)
        from rest in Gen.Elements(0, 0, 0, 1, 5)
        select new Described(extensions, protocol, [.. Enumerable.Range(0, length * 8 + rest).Select(i => (byte)i)]);

    [Fact]
    public void A_chain_is_read_as_it_was_built() => Holds(described =>
    {
        byte[] bytes = described.Bytes();
        // The headers up to the first that says that it is a later fragment; behind it is only data.
        int seen = Array.FindIndex(described.Extensions, extension => extension is { Kind: 44, Offset: > 0 });
        Extension[] headers = seen < 0 ? described.Extensions : described.Extensions[..(seen + 1)];
        bool accepted = Ipv6Header.TryParse(bytes, out Ipv6Header ip, out DropReason reason);
        if (headers.Length > 8 || headers.Skip(1).Any(header => header.Kind == 0) || headers.Count(header => header.Kind == 44) > 1
            || headers.Any(header => header is { Kind: 43, Type: 0 }))
        {
            Assert.InRange(reason, DropReason.Ipv6ExtensionInvalid, DropReason.Ipv6FragmentInvalid);
            return;
        }
        if (!accepted)
        {
            Assert.Equal(DropReason.Ipv6FragmentInvalid, reason);
            Assert.Contains(headers, header => header.Kind == 44);
            return;
        }
        Assert.Equal(40 + headers.Sum(header => header.Length), ip.HeaderLength);
        byte behind = described.Extensions.ElementAtOrDefault(headers.Length)?.Kind ?? described.Protocol;
        Assert.Equal(behind, ip.Protocol);
        Extension? fragment = headers.FirstOrDefault(header => header.Kind == 44);
        Assert.Equal((fragment?.Offset ?? 0, fragment?.More ?? false), (ip.FragmentOffset, ip.MoreFragments));
        Assert.Equal(fragment is null ? 0 : 0xCAFE0001, ip.Identification);
    });

    [Fact]
    public void Whole_or_cut_off_anywhere_it_is_read_as_slow_reading_reads_it() => Holds(described =>
    {
        byte[] bytes = described.Bytes();
        for (int length = 0; length <= bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            Ipv6Probe.Packet(cut);
            Ipv6Probe.Quote(cut);
        }
    });

    [Fact]
    public void With_any_byte_changed_nothing_is_read_or_written_outside()
    {
        Random random = new(8200);
        Holds(described =>
        {
            byte[] bytes = described.Bytes();
            byte[] guarded = new byte[bytes.Length + 32];
            for (int at = 0; at < bytes.Length; at++)
            {
                guarded.AsSpan().Fill(0xA5);
                Span<byte> packet = guarded.AsSpan(16, bytes.Length);
                bytes.CopyTo(packet);
                packet[at] = (byte)random.Next(256);
                byte[] before = [.. guarded];
                Ipv6Probe.Packet(packet);
                Ipv6Probe.Quote(packet);
                Assert.Equal(before, guarded);
                Ipv6Probe.Scribble(packet, random);
                Assert.False(guarded.AsSpan(0, 16).ContainsAnyExcept((byte)0xA5));
                Assert.False(guarded.AsSpan(16 + bytes.Length).ContainsAnyExcept((byte)0xA5));
            }
        });
    }

    [Fact]
    public void Parsing_and_answering_allocate_nothing()
    {
        byte[] extended = Packet(0, [.. Options(60), .. Options(44), .. Fragment(17, 0, false), .. new byte[20]]);
        byte[] solicitation = Recorded("neighbor-solicitation");
        byte[] query = Recorded("listener-query-version-2");
        byte[] buffer = new byte[200];
        Work(extended, solicitation, query, buffer);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int round = 0; round < 10_000; round++)
                Work(extended, solicitation, query, buffer);
        }));
    }

    private static void Work(byte[] extended, byte[] solicitation, byte[] query, byte[] buffer)
    {
        if (!Ipv6Header.TryParse(extended, out Ipv6Header ip, out _)
            || !Ipv6Header.TryParse(solicitation, out Ipv6Header asking, out _)
            || !NeighborSolicitation.TryParse(asking, out NeighborSolicitation asked, out _)
            || !Ipv6Header.TryParse(query, out Ipv6Header querying, out _)
            || !MulticastListenerQuery.TryParse(querying, out MulticastListenerQuery queried, out _))
        {
            throw new InvalidOperationException("the packets are valid");
        }
        ip.ReplaceDestination(ip.Source);
        ip.WriteFragment(buffer, 0, 16, 1);
        NeighborAdvertisement.WriteAnswer(buffer, asked, default);
        MulticastListenerReport.Write(buffer, querying.Source, ListenerState.Listens, [queried.Group]);
    }

    private static void Holds(Action<Described> what) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20260401, 7), Prop.ForAll(Packets.ToArbitrary(), what));
}
