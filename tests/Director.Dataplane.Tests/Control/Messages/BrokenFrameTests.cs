using System.Buffers.Binary;
using Director.Dataplane.Control.Messages;

namespace Director.Dataplane.Tests.Control.Messages;

/// <summary>Whatever the bytes are: no exception, no memory that they do not pay for, and a reason.</summary>
public sealed class BrokenFrameTests
{
    public static TheoryData<string> Names => [.. Samples.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Truncated_at_every_offset(string name)
    {
        (Sample sample, byte[] body) = Find(name);
        for (int length = 0; length < body.Length; length++)
        {
            Assert.Null(Frames.Read(body.AsSpan(0, length), sample.Read, out string? fault));
            Assert.NotNull(fault);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void With_bytes_behind_its_end(string name)
    {
        (Sample sample, byte[] body) = Find(name);
        Assert.Null(Frames.Read([.. body, 0], sample.Read, out string? fault));
        Assert.Equal("1 bytes too many", fault);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void With_every_byte_changed(string name)
    {
        (Sample sample, byte[] body) = Find(name);
        for (int i = 0; i < body.Length; i++)
        {
            foreach (byte value in (ReadOnlySpan<byte>)[0x00, 0x01, 0x7F, 0x80, 0xFF])
            {
                byte[] changed = [.. body];
                changed[i] = value;
                Judged(changed, sample);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Made_of_chance(string name)
    {
        (Sample sample, byte[] body) = Find(name);
        Random chance = new(name.Length * 31 + body.Length);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[chance.Next(0, 200)];
            chance.NextBytes(bytes);
            Judged(bytes, sample);
            // And a good beginning with a bad rest, which gets deeper.
            byte[] mixed = [.. body.AsSpan(0, chance.Next(body.Length)), .. bytes];
            Judged(mixed, sample);
        }
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(1_000_000u)]
    public void A_count_without_elements_allocates_nothing(uint count)
    {
        byte[] body = new byte[17 + 4 + 64];
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(17), count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        FrameReader reader = new(body, 1);
        TableFormat.Read(ref reader);
        Assert.False(reader.Finished());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    private static void Judged(ReadOnlySpan<byte> bytes, Sample sample)
    {
        string? meaning = Frames.Read(bytes, sample.Read, out string? fault);
        Assert.True(meaning is null != fault is null, "a fault or a meaning, never both or neither");
    }

    private static (Sample Sample, byte[] Body) Find(string name)
    {
        Sample sample = Samples.All.Single(each => each.Name == name);
        return (sample, Frames.Body(sample.Write));
    }
}
