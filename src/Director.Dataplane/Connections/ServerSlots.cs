using Director.Dataplane.Linux;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// The side table of real servers. An identity keeps its slot as long as it is configured or a connection refers to it: a
/// deleted server that is added back, and every server after a restart of the engine, meets its connections again. Packet
/// thread only. Slot 0 is never used.
/// </summary>
public sealed class ServerSlots
{
    private readonly Region<ServerSlot> _slots;
    private readonly Dictionary<ServerIdentity, uint> _byIdentity;
    private readonly RecordPool _free;

    internal ServerSlots(Region<ServerSlot> slots)
    {
        _slots = slots;
        _byIdentity = [];
        _free = new RecordPool(slots.Length);
        for (uint number = 1; number < slots.Length; number++)
        {
            ref ServerSlot slot = ref slots[number];
            // What is configured, and how many connections there are, is found out anew after a restart.
            slot.ReferenceCount = 0;
            slot.FlagBits &= ServerSlot.InUse;
            if (!slot.IsInUse || !_byIdentity.TryAdd(slot.Identity, number))
            {
                slot.FlagBits = 0;
                _free.Return(number);
            }
        }
    }

    /// <summary>Slot numbers are below it.</summary>
    public uint Capacity => _slots.Length;

    public ref readonly ServerSlot this[uint slot] => ref _slots[slot];

    /// <summary>The slot of this server, the same as before if it still has one; 0 when all are taken.</summary>
    public uint Acquire(in ServerIdentity identity, ForwardingMethod forwarding = ForwardingMethod.Masquerade)
    {
        uint number = Keep(identity, forwarding);
        if (number == 0)
            return 0;
        ref ServerSlot slot = ref _slots[number];
        slot.MethodByte = (byte)forwarding;
        slot.FlagBits = ServerSlot.InUse | ServerSlot.Configured;
        return number;
    }

    /// <summary>
    /// The slot of this server, for a connection that is about to refer to it; 0 when all are taken. A server that is not configured,
    /// or not yet, gets one as well. <see cref="Forgo"/> if nothing comes of it.
    /// </summary>
    internal uint Keep(in ServerIdentity identity, ForwardingMethod forwarding)
    {
        if (_byIdentity.TryGetValue(identity, out uint number))
            return number;
        number = _free.Take();
        if (number == 0)
            return 0;
        ref ServerSlot fresh = ref _slots[number];
        fresh.Identity = identity;
        fresh.Generation += 2;
        fresh.ReferenceCount = 0;
        fresh.MethodByte = (byte)forwarding;
        fresh.FlagBits = ServerSlot.InUse;
        _byIdentity.Add(identity, number);
        return number;
    }

    /// <summary>No connection refers to it after all.</summary>
    internal void Forgo(uint slot) => FreeIfUnused(slot, ref _slots[slot]);

    /// <summary>No longer configured. The slot is free at once, or when its last connection ends.</summary>
    public void Release(uint slot)
    {
        ref ServerSlot released = ref _slots[slot];
        released.FlagBits = (byte)(released.FlagBits & ~ServerSlot.Configured);
        FreeIfUnused(slot, ref released);
    }

    /// <inheritdoc cref="RecordReuse.Defer"/>
    internal void Defer() => _free.Defers = true;

    /// <summary>Slots that were ever freed.</summary>
    internal long Freed => _free.Returned;

    /// <inheritdoc cref="RecordReuse.Settle"/>
    internal void Settle(long freed) => _free.Settle(freed);

    internal void Refer(uint slot) => _slots[slot].ReferenceCount++;

    internal void Unrefer(uint slot)
    {
        ref ServerSlot left = ref _slots[slot];
        left.ReferenceCount--;
        FreeIfUnused(slot, ref left);
    }

    internal void ForgetReferences()
    {
        for (uint number = 1; number < _slots.Length; number++)
            _slots[number].ReferenceCount = 0;
    }

    /// <summary>After a recount: whatever nobody refers to is free.</summary>
    internal void FreeUnused()
    {
        for (uint number = 1; number < _slots.Length; number++)
            FreeIfUnused(number, ref _slots[number]);
    }

    private void FreeIfUnused(uint number, ref ServerSlot slot)
    {
        if (slot.FlagBits != ServerSlot.InUse || slot.ReferenceCount != 0)
            return;
        _byIdentity.Remove(slot.Identity);
        slot.FlagBits = 0;
        _free.Return(number);
    }
}
