using System.Buffers.Binary;
using Director.Dataplane.Control;
using Director.Dataplane.Wire;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Election;

/// <summary>
/// Up to which epoch this director may claim, kept ahead of need so that no take-over waits for a disk. Two slots, written in
/// turns, each with a checksum: whenever the power fails, one of them is whole. The file has its full size from the beginning, so
/// that a full disk does not keep it from being written.
/// <code>
///    slot at 0 and at 4096, little-endian
///    0        4         8         16        24       32
///   +--------+---------+---------+---------+--------+---------+
///   | magic  | version | counter | reserved| zero   | CRC32C  |
///   +--------+---------+---------+---------+--------+---------+
/// </code>
/// </summary>
public sealed class EpochFile : IDisposable
{
    private const uint Magic = 0x4850_4544; // "DEPH"
    private const uint Version = 1;
    private const int SlotDistance = 4096;
    private const int SlotSize = 36;
    private const int Checked = 32;

    private readonly SafeFileHandle _file;
    private ulong _counter;

    private EpochFile(SafeFileHandle file) => _file = file;

    /// <summary>The highest epoch that may be claimed; 0 in a new file.</summary>
    public ulong Reserved { get; private set; }

    /// <summary>Null, or what is wrong with what was found: the epochs of before are lost, those that are heard have to do.</summary>
    public string? Damage { get; private set; }

    /// <exception cref="EngineException">The file cannot be opened or made.</exception>
    public static EpochFile Open(string path)
    {
        SafeFileHandle? file = null;
        try
        {
            bool isNew = !File.Exists(path);
            file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            EpochFile opened = new(file);
            opened.Load(isNew);
            return opened;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new EngineException($"epoch file {path}: {failure.Message}", failure);
        }
    }

    /// <summary>On the disk when it returns.</summary>
    /// <exception cref="IOException">The disk refuses; what was reserved before stays.</exception>
    public void Reserve(ulong until)
    {
        byte[] slot = new byte[SlotSize];
        BinaryPrimitives.WriteUInt32LittleEndian(slot, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(slot.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(slot.AsSpan(8), _counter + 1);
        BinaryPrimitives.WriteUInt64LittleEndian(slot.AsSpan(16), until);
        BinaryPrimitives.WriteUInt32LittleEndian(slot.AsSpan(Checked), Crc32c.Compute(slot.AsSpan(0, Checked)));
        RandomAccess.Write(_file, slot, (long)((_counter + 1) % 2) * SlotDistance);
        RandomAccess.FlushToDisk(_file);
        _counter++;
        Reserved = until;
    }

    public void Dispose() => _file.Dispose();

    private void Load(bool isNew)
    {
        byte[] content = new byte[SlotDistance + SlotSize];
        int length = RandomAccess.Read(_file, content, 0);
        for (int at = 0; at + SlotSize <= length; at += SlotDistance)
            Load(content.AsSpan(at, SlotSize));
        if (_counter != 0)
            return;
        if (!isNew && length != 0 && content.AsSpan(0, length).ContainsAnyExcept((byte)0))
            Damage = "no slot of it is whole; epochs go on from those that are heard";
        RandomAccess.Write(_file, new byte[2 * SlotDistance], 0);
        RandomAccess.FlushToDisk(_file);
    }

    private void Load(ReadOnlySpan<byte> slot)
    {
        ulong counter = BinaryPrimitives.ReadUInt64LittleEndian(slot[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(slot) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(slot[Checked..]) != Crc32c.Compute(slot[..Checked])
            || counter <= _counter)
        {
            return;
        }
        _counter = counter;
        Reserved = BinaryPrimitives.ReadUInt64LittleEndian(slot[16..]);
    }
}
