using Director.Dataplane.Synchronization;

namespace Director.Dataplane.Tests.Synchronization;

public sealed class SyncBatchTests
{
    private static readonly SyncBatch Header = new(SyncBatchFlags.Bulk | SyncBatchFlags.Complete, 7, 0x1122334455667788, 1_000_000, 42, 2);

    private static byte[] Whole => Of(Header, Entry.Masqueraded, Entry.Gone);

    [Fact]
    public void Comes_back_as_it_was()
    {
        Assert.Equal(BatchFault.None, SyncBatch.TryOpen(Whole, out SyncBatch header, out ReadOnlySpan<byte> entries));
        Assert.Equal(Header, header);
        Assert.Equal(Entry.Masqueraded, Entry.Read(entries[..43]));
        Assert.Equal(Entry.Gone, Entry.Read(entries[43..]));
    }

    [Fact]
    public void Is_written_as_it_always_was()
    {
        Assert.Equal(Frozen.Bytes("batch", Whole), Convert.ToHexString(Whole));
        byte[] ack = new byte[SyncAck.Size];
        new SyncAck(SyncAckFlags.Resync | SyncAckFlags.InSync, 7, 1_000_000, 41).Write(ack);
        Assert.Equal(Frozen.Bytes("ack", ack), Convert.ToHexString(ack));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < Whole.Length; length++)
            Assert.Equal(BatchFault.Broken, SyncBatch.TryOpen(Whole.AsSpan(0, length), out _, out _));
    }

    [Fact]
    public void Every_altered_byte_is_noticed()
    {
        for (int at = 0; at < Whole.Length; at++)
        {
            byte[] altered = Whole;
            altered[at] ^= 0x10;
            Assert.NotEqual(BatchFault.None, SyncBatch.TryOpen(altered, out _, out _));
        }
    }

    [Theory]
    [InlineData((SyncBatchFlags)0x10, 2, 1)]
    [InlineData(SyncBatchFlags.Begin, 2, 0)]
    [InlineData(SyncBatchFlags.None, 1, 0)]
    [InlineData(SyncBatchFlags.None, 0, 0)]
    [InlineData(SyncBatchFlags.Delta, 2, 4)]
    public void What_contradicts_itself_is_refused(SyncBatchFlags flags, ulong sequence, uint count) => Assert.Equal(
        BatchFault.Broken, SyncBatch.TryOpen(Of(new SyncBatch(flags, 1, 1, 1, sequence, count), Entry.Masqueraded), out _, out _));

    [Fact]
    public void A_later_version_is_told_from_damage()
    {
        byte[] later = Whole;
        later[4] = 2;
        Assert.Equal(BatchFault.VersionUnknown, SyncBatch.TryOpen(later, out _, out _));
    }

    [Fact]
    public void Answers_of_another_length_are_none()
    {
        byte[] ack = new byte[SyncAck.Size + 1];
        Assert.True(SyncAck.TryRead(ack.AsSpan(0, SyncAck.Size), out _));
        for (int length = 0; length < SyncAck.Size; length++)
            Assert.False(SyncAck.TryRead(ack.AsSpan(0, length), out _));
        Assert.False(SyncAck.TryRead(ack, out _));
    }

    private static byte[] Of(SyncBatch header, params Entry[] entries)
    {
        byte[] batch = [.. new byte[SyncBatch.HeaderSize], .. entries.SelectMany(entry => entry.Write())];
        header.Seal(batch);
        return batch;
    }
}
