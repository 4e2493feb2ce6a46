using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

/// <summary>
/// The fuzz target: every frame of the corpus folder, as it is, at every truncation, with every bit flipped, and after seeded
/// mutations. A frame that once broke something is put into the folder and stays.
/// </summary>
public sealed class CorpusTests
{
    private const int Mutations = 2000;
    private const int Guard = 16;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Wire", "corpus");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.bin").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_parsers_answer_what_the_name_says(string name)
    {
        DropReason expected = name.StartsWith("malformed-", StringComparison.Ordinal)
            ? Enum.Parse<DropReason>(name.Split('-')[1])
            : DropReason.None;
        Assert.Equal(expected, ParserProbe.Frame(Read(name)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_truncation_is_survived(string name)
    {
        byte[] frame = Read(name);
        for (int length = 0; length < frame.Length; length++)
        {
            // All headers end long before; in between nothing is left to cut apart.
            if (length == 200 && frame.Length > 264)
                length = frame.Length - 64;
            Span<byte> truncated = frame.AsSpan(0, length).ToArray();
            ParserProbe.Every(truncated);
            if (!EthernetHeader.TryParse(truncated, out EthernetHeader ethernet, out _))
                continue;
            if (ethernet.EtherType == EtherType.Ipv4)
                Assert.True(ParserProbe.Frame(truncated) != DropReason.None || length >= 14 + ((frame[16] << 8) | frame[17]));
            if (ethernet.EtherType == EtherType.Ipv6)
                Assert.True(ParserProbe.Frame(truncated) != DropReason.None || length >= 54 + ((frame[18] << 8) | frame[19]));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_flipped_bit_is_survived(string name)
    {
        byte[] frame = Read(name);
        for (int bit = 0; bit < Math.Min(frame.Length, 200) * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << bit % 8);
            ParserProbe.Every(frame);
            // A single flipped bit in an IPv4 header never passes: the checksum, if nothing else, tells.
            if (name.StartsWith("valid-udp", StringComparison.Ordinal) && bit / 8 is >= 14 and < 34)
                Assert.NotEqual(DropReason.None, ParserProbe.Frame(frame));
            frame[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Seeded_mutations_are_survived_and_nothing_is_written_outside(string name)
    {
        byte[] original = Read(name);
        Random random = new(name.Sum(c => c));
        for (int round = 0; round < Mutations; round++)
        {
            byte[] mutant = Mutation.Of(original, random);
            byte[] guarded = new byte[mutant.Length + 2 * Guard];
            guarded.AsSpan().Fill(0xA5);
            Span<byte> frame = guarded.AsSpan(Guard, mutant.Length);
            mutant.CopyTo(frame);

            ParserProbe.Every(frame);
            Assert.True(frame.SequenceEqual(mutant), "a parser wrote");
            ParserProbe.Scribble(frame, random);
            Assert.False(guarded.AsSpan(0, Guard).ContainsAnyExcept((byte)0xA5));
            Assert.False(guarded.AsSpan(Guard + mutant.Length).ContainsAnyExcept((byte)0xA5));
        }
    }

    [Fact]
    public void Random_bytes_are_survived()
    {
        Random random = new(6);
        for (int round = 0; round < 50_000; round++)
        {
            byte[] bytes = new byte[random.Next(120)];
            random.NextBytes(bytes);
            ParserProbe.Every(bytes);
        }
    }

    [Fact]
    public void Parsing_allocates_nothing()
    {
        byte[] frame = Read("valid-tcp-ip-options");
        ParseAndRewrite(frame);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int round = 0; round < 10_000; round++)
                ParseAndRewrite(frame);
        }));
    }

    // The checksum that the kernel put into these frames is ours, too.
    [Theory]
    [InlineData("recorded-tcp-syn")]
    [InlineData("recorded-tcp-syn-ack")]
    [InlineData("recorded-tcp-data")]
    [InlineData("recorded-tcp-rst-ack")]
    [InlineData("recorded-udp")]
    public void Transport_checksums_agree_with_the_kernel(string name)
    {
        Assert.True(EthernetHeader.TryParse(Read(name), out EthernetHeader ethernet, out _));
        Assert.True(Ipv4Header.TryParse(ethernet.Payload, out Ipv4Header ip, out _));
        Assert.Equal(0, Checksum.Transport(ip.Source, ip.Destination, ip.Protocol, ip.Payload));
        ip.Payload[0] ^= 1;
        Assert.NotEqual(0, Checksum.Transport(ip.Source, ip.Destination, ip.Protocol, ip.Payload));
    }

    /// <summary>With DIRECTOR_CORPUS set to the source folder, it writes them instead.</summary>
    [Fact]
    public void The_generated_frames_are_in_the_folder()
    {
        string? write = Environment.GetEnvironmentVariable("DIRECTOR_CORPUS");
        foreach ((string name, byte[] frame) in CorpusFrames.All())
        {
            if (write is not null)
                File.WriteAllBytes(Path.Combine(write, name + ".bin"), frame);
            else
                Assert.Equal(frame, Read(name));
        }
    }

    private static void ParseAndRewrite(byte[] frame)
    {
        if (!EthernetHeader.TryParse(frame, out EthernetHeader ethernet, out _)
            || !Ipv4Header.TryParse(ethernet.Payload, out Ipv4Header ip, out _)
            || !TcpHeader.TryParse(ip.Payload, out TcpHeader tcp, out _))
        {
            throw new InvalidOperationException("the frame is valid");
        }
        (ethernet.Destination, ethernet.Source) = (ethernet.Source, ethernet.Destination);
        tcp.Checksum = Checksum.Replace(tcp.Checksum, ip.Destination, ip.Destination + 1);
        ip.ReplaceDestination(ip.Destination + 1);
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".bin"));
}
