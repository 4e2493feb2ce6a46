using System.Net;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

/// <summary>Checksums that cover addresses of either family.</summary>
public sealed class AddressChecksumTests
{
    [Fact]
    public void A_segment_sums_with_its_pseudo_header()
    {
        Random random = new(11);
        for (int round = 0; round < 4000; round++)
        {
            bool ipv4 = round % 2 == 0;
            (string source, string destination) = (Some(random, ipv4), Some(random, ipv4));
            byte[] segment = new byte[random.Next(1500)];
            random.NextBytes(segment);
            ushort expected = NaiveChecksum.Of([.. PseudoHeader(source, destination, IpProtocol.Udp, segment.Length), .. segment]);
            Assert.Equal(expected, Checksum.Transport(Address(source), Address(destination), IpProtocol.Udp, segment));
            if (ipv4)
                Assert.Equal(expected, Checksum.Transport(Address(source).Ipv4, Address(destination).Ipv4, IpProtocol.Udp, segment));
        }
    }

    // The checksum that the kernel put into these packets is ours, too.
    [Theory]
    [InlineData("tcp-syn")]
    [InlineData("tcp-syn-ack")]
    [InlineData("tcp-data")]
    [InlineData("tcp-rst-ack")]
    [InlineData("udp")]
    [InlineData("echo-behind-options")]
    public void Checksums_agree_with_the_kernel(string recording)
    {
        Assert.True(Ipv6Header.TryParse(Recorded(recording), out Ipv6Header ip, out _));
        Assert.Equal(0, Checksum.Transport(ip.Source, ip.Destination, ip.Protocol, ip.Payload));
        ip.Payload[0] ^= 1;
        Assert.NotEqual(0, Checksum.Transport(ip.Source, ip.Destination, ip.Protocol, ip.Payload));
    }

    [Theory]
    [InlineData("::", "::", 0)]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0xFF)]
    [InlineData("255.255.255.255", "255.255.255.255", 0xFF)]
    [InlineData("0.0.0.0", "0.0.0.0", 0)]
    public void Extremes_do_not_lose_a_carry(string source, string destination, byte value)
    {
        byte[] segment = new byte[65535];
        segment.AsSpan().Fill(value);
        Assert.Equal(
            NaiveChecksum.Of([.. PseudoHeader(source, destination, 255, segment.Length), .. segment]),
            Checksum.Transport(Address(source), Address(destination), 255, segment));
    }

    [Fact]
    public void Replacing_an_address_gives_what_computing_anew_gives()
    {
        Random random = new(12);
        byte[] segment = new byte[60];
        for (int round = 0; round < 10_000; round++)
        {
            bool ipv4 = round % 2 == 0;
            (string source, string from, string to) = (Some(random, ipv4), Some(random, ipv4), Some(random, ipv4));
            random.NextBytes(segment);
            if (round % 3 == 0)
                segment.AsSpan().Fill((byte)(round % 2 == 0 ? 0xFF : 0));
            ushort before = Checksum.Transport(Address(source), Address(from), IpProtocol.Tcp, segment);
            ushort after = Checksum.Transport(Address(source), Address(to), IpProtocol.Tcp, segment);
            Assert.Equal(after, Checksum.Replace(before, Address(from), Address(to)));
            // A wrong one stays as wrong as it was (0 and 0xFFFF are the same number).
            ushort wrong = (ushort)(before ^ 0x1234);
            ushort there = Checksum.Replace(wrong, Address(from), Address(to));
            Assert.Equal(wrong % 0xFFFF, Checksum.Replace(there, Address(to), Address(from)) % 0xFFFF);
            Assert.NotEqual(after % 0xFFFF, there % 0xFFFF);
        }
    }

    [Fact]
    public void A_partial_field_follows_the_addresses()
    {
        Random random = new(13);
        for (int round = 0; round < 5000; round++)
        {
            bool ipv4 = round % 2 == 0;
            (string source, string from, string to) = (Some(random, ipv4), Some(random, ipv4), Some(random, ipv4));
            int length = random.Next(1, 65536);
            ushort field = NaiveChecksum.Sum(PseudoHeader(source, from, IpProtocol.Tcp, length));
            Assert.Equal(
                NaiveChecksum.Sum(PseudoHeader(source, to, IpProtocol.Tcp, length)),
                Checksum.ReplacePartial(field, Address(from), Address(to)));
        }
    }

    [Fact]
    public void Both_families_replace_alike()
    {
        Random random = new(14);
        for (int round = 0; round < 5000; round++)
        {
            (IpAddress from, IpAddress to) = (Address(Some(random, true)), Address(Some(random, true)));
            ushort checksum = (ushort)random.Next(0xFFFF);
            Assert.Equal(Checksum.Replace(checksum, from.Ipv4, to.Ipv4), Checksum.Replace(checksum, from, to));
        }
    }

    // Now and then of zeros or ones only.
    private static string Some(Random random, bool ipv4)
    {
        byte[] bytes = new byte[ipv4 ? 4 : 16];
        int kind = random.Next(10);
        if (kind == 0)
            bytes.AsSpan().Fill(0xFF);
        else if (kind > 1)
            random.NextBytes(bytes);
        return new IPAddress(bytes).ToString();
    }
}
