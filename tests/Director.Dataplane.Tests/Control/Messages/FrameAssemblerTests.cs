using System.Buffers.Binary;
using Director.Dataplane.Control.Messages;

namespace Director.Dataplane.Tests.Control.Messages;

public sealed class FrameAssemblerTests : IDisposable
{
    private readonly FrameAssembler _assembler = new() { Limit = FrameHeader.MaximumLength };

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public void Frames_come_out_as_they_went_in_however_the_stream_was_cut(int piece)
    {
        Random chance = new(42);
        byte[][] bodies = [.. Enumerable.Range(0, 60).Select(i => new byte[i % 10 == 9 ? 50_000 : chance.Next(0, 300)])];
        List<byte> stream = [];
        foreach (byte[] body in bodies)
        {
            chance.NextBytes(body);
            stream.AddRange(Frames.Frame(MessageType.Apply, (ulong)body.Length, writer => writer.Append(body)));
        }
        List<byte[]> taken = [];
        foreach (byte[] bytes in stream.Chunk(piece))
        {
            Feed(bytes, taken);
        }
        Assert.Equal(bodies.Select(Convert.ToHexString), taken.Select(Convert.ToHexString));
        Assert.Null(_assembler.Fault);
    }

    [Fact]
    public void A_frame_longer_than_allowed_ends_the_stream()
    {
        _assembler.Limit = FrameHeader.MaximumHelloLength;
        Feed(Header(FrameHeader.MaximumHelloLength + 1, 0), []);
        Assert.Equal("a frame of 4097 bytes where at most 4096 are allowed", _assembler.Fault);
    }

    [Fact]
    public void Unknown_flags_end_the_stream()
    {
        Feed(Header(0, 0x8000), []);
        Assert.Equal("a frame with unknown flags 0x8000", _assembler.Fault);
    }

    [Fact]
    public void A_length_that_is_only_announced_takes_no_memory()
    {
        Feed(Header(FrameHeader.MaximumLength, 0), []);
        Assert.Null(_assembler.Fault);
        Assert.InRange(_assembler.Free().Length, 1, 128 << 10);
    }

    [Fact]
    public void Random_streams_end_in_a_fault_or_wait_for_more()
    {
        Random chance = new(7);
        for (int round = 0; round < 2000; round++)
        {
            using FrameAssembler assembler = new();
            byte[] bytes = new byte[chance.Next(1, 400)];
            chance.NextBytes(bytes);
            bytes.CopyTo(assembler.Free());
            assembler.Received(bytes.Length);
            int taken = 0;
            while (assembler.TryTake(out FrameHeader header, out ReadOnlySpan<byte> body))
            {
                Assert.Equal(header.Length, (uint)body.Length);
                taken += FrameHeader.Size + body.Length;
            }
            Assert.InRange(taken, 0, bytes.Length);
        }
    }

    public void Dispose() => _assembler.Dispose();

    private void Feed(ReadOnlySpan<byte> bytes, List<byte[]> taken)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> free = _assembler.Free();
            int count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            _assembler.Received(count);
            bytes = bytes[count..];
            while (_assembler.TryTake(out _, out ReadOnlySpan<byte> body))
                taken.Add(body.ToArray());
        }
    }

    private static byte[] Header(uint length, ushort flags)
    {
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader(length, MessageType.Hello, flags, 0).Write(header);
        Assert.Equal(length, BinaryPrimitives.ReadUInt32LittleEndian(header));
        return header;
    }
}
