using System.Numerics;
using Director.Dataplane.Connections;
using Director.Dataplane.FastPath;
using static Director.Dataplane.Linux.Bpf.Condition;
using static Director.Dataplane.Linux.Bpf.Operation;
using static Director.Dataplane.Linux.Bpf.Register;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>
/// Looks a packet up in the two indexes of the connection memory, as <see cref="ConnectionIndex"/> does: hash, bucket, tag, record.
/// What is found is in R7; only connections handed over for this direction are.
/// </summary>
internal sealed class FlowSearch(Assembler code, FastPathPlan plan)
{
    private const int EntrySize = 8;
    private const int BucketShift = 6;
    private const int RecordShift = 6;
    private const int ServerShift = 6;

    private readonly ConnectionMemory _memory = plan.Connections;
    private readonly FlowHash _hash = plan.Connections.Hash;

    /// <summary>The part of the hash that the protocol decides.</summary>
    public ulong ConstantOf(byte protocol) => unchecked((_hash.K3 * protocol) + _hash.K4);

    /// <summary>Of the packet at R8, whose constant is in R0: hash, addresses and ports, on the stack.</summary>
    public void Prepare()
    {
        code.Load(Width.Four, R1, R8, Headers.Source);
        code.Store(Width.Four, Stack, Variables.Source, R1);
        Mix(R1, _hash.K0);
        code.Load(Width.Four, R1, R8, Headers.Destination);
        code.Store(Width.Four, Stack, Variables.Destination, R1);
        Mix(R1, _hash.K1);
        code.Load(Width.Four, R1, R8, Headers.Transport);
        code.Store(Width.Four, Stack, Variables.Ports, R1);
        Mix(R1, _hash.K2);
        code.Store(Width.Eight, Stack, Variables.Hash, R0);
    }

    /// <summary>The connection of a client's packet.</summary>
    public void ForClient(Label found)
    {
        Label missing = code.NewLabel();
        Search(_memory.InOffset, missing, next =>
        {
            Same(Width.Eight, (R7, Offsets.ClientAddress), (Stack, Variables.Source), next);
            Same(Width.Four, (R7, Offsets.Ports), (Stack, Variables.Ports), next);
            MatchKind(ConnectionFlags.FastIn, next);
            code.Jump(found);
        });
        code.Place(missing);
    }

    /// <summary>The connection of a server's packet; the server is at its place on the stack.</summary>
    public void ForAnswer(Label found)
    {
        Label missing = code.NewLabel();
        Search(_memory.OutOffset, missing, next =>
        {
            MatchKind(ConnectionFlags.FastOut, next);
            Same(Width.Two, (R7, Offsets.ServerPort), (R8, Headers.SourcePort), next);
            Same(Width.Two, (R7, Offsets.ClientPort), (R8, Headers.DestinationPort), next);
            Same(Width.Four, (R7, Offsets.ClientAddress), (Stack, Variables.Destination), next);
            LoadServer(R5);
            Same(Width.Four, (R5, FastServer.AddressAt), (Stack, Variables.Source), next);
            code.Store(Width.Eight, Stack, Variables.Server, R5);
            code.Jump(found);
        });
        code.Place(missing);
    }

    /// <summary>to = pointer to the server of the record at R7; R0 is lost.</summary>
    public void LoadServer(Register to)
    {
        code.Load(Width.Four, R0, R7, Offsets.ServerWord);
        code.Do(And, R0, (int)_memory.Servers.Capacity - 1);
        code.Do(ShiftLeft, R0, ServerShift);
        code.SetAddress(to, plan.Tables.Memory.Descriptor, FastTables.ServersAt);
        code.Do(Add, to, R0);
    }

    // Both lie there alike. R0 and R3 are lost.
    private void Same(Width width, (Register Address, int Offset) left, (Register Address, int Offset) right, Label next)
    {
        code.Load(width, R0, left.Address, left.Offset);
        code.Load(width, R3, right.Address, right.Offset);
        code.JumpIf(R0, NotEqual, R3, next);
    }

    // R0 += word * key.
    private void Mix(Register word, ulong key)
    {
        code.SetWide(R2, key);
        code.Do(Multiply, word, R2);
        code.Do(Add, R0, word);
    }

    // Handed over in this direction; of IPv4, and no template.
    private void MatchKind(ConnectionFlags direction, Label next)
    {
        const ConnectionFlags kind = ConnectionFlags.InUse | ConnectionFlags.Ipv6 | ConnectionFlags.Template;
        code.Load(Width.Two, R0, R7, Offsets.Flags);
        code.Do(And, R0, (int)(kind | direction));
        code.JumpIf(R0, NotEqual, (int)(ConnectionFlags.InUse | direction), next);
        code.Load(Width.One, R0, R7, Offsets.Protocol);
        code.Load(Width.Four, R5, Stack, Variables.Protocol);
        code.JumpIf(R0, NotEqual, R5, next);
    }

    // R1: bucket, R2: tag, R4: its last entry, R5: its number. A bucket with room ends the search, and entries fill it from the front.
    // The buckets are looked into one after the other without a loop, which the verifier would follow into every combination.
    private void Search(long index, Label missing, Action<Label> match)
    {
        code.Load(Width.Eight, R2, Stack, Variables.Hash);
        code.Move(R5, R2);
        code.Do(ShiftRight, R5, 64 - BitOperations.Log2(_memory.BucketCount));
        code.Do(ShiftRight, R2, 16);
        code.Do32(Move, R2, R2);
        for (int probe = 0; probe < ConnectionIndex.ProgramProbes; probe++)
        {
            if (probe > 0)
            {
                code.JumpIf(R4, Equal, 0, missing);
                code.Load(Width.Four, R5, Stack, Variables.Bucket);
                code.Do(Add, R5, 1);
            }
            code.Do(And, R5, (int)(_memory.BucketCount - 1));
            code.Store(Width.Four, Stack, Variables.Bucket, R5);
            code.Do(ShiftLeft, R5, BucketShift);
            code.SetAddress(R1, _memory.Descriptor, (uint)index);
            code.Do(Add, R1, R5);
            for (int entry = 0; entry < IndexBucket.Length; entry++)
            {
                Label next = code.NewLabel();
                code.Load(Width.Eight, R4, R1, entry * EntrySize);
                code.Move(R0, R4);
                code.Do(ShiftRight, R0, 32);
                code.JumpIf(R0, NotEqual, R2, next);
                code.Move(R0, R4);
                code.Do(And, R0, (int)_memory.Capacity);
                code.Do(ShiftLeft, R0, RecordShift);
                code.SetAddress(R7, _memory.Descriptor, (uint)_memory.RecordsOffset);
                code.Do(Add, R7, R0);
                match(next);
                code.Place(next);
            }
        }
    }
}
