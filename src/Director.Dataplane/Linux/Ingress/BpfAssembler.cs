using Director.Dataplane.Control;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Puts classic BPF together with labels. A conditional jump of classic BPF reaches 255 instructions, and only forward; a
/// farther one goes over an unconditional jump placed right behind it, which reaches everything.
/// </summary>
internal sealed class BpfAssembler
{
    /// <summary>BPF_MAXINSNS.</summary>
    public const int Limit = 4096;

    private readonly List<Item> _items = [];
    private readonly List<int> _labels = []; // index of the item that follows the label

    public int NewLabel()
    {
        _labels.Add(-1);
        return _labels.Count - 1;
    }

    /// <summary>The label stands here.</summary>
    public void Mark(int label) => _labels[label] = _items.Count;

    public void Add(ushort code, uint operand = 0) => _items.Add(new Item(code, operand));

    public void Branch(ushort code, uint operand, int whenTrue, int whenFalse) =>
        _items.Add(new Item(code, operand) { WhenTrue = whenTrue, WhenFalse = whenFalse });

    public void Jump(int label) => _items.Add(new Item(ClassicBpf.Jump, 0) { WhenTrue = label });

    /// <exception cref="EngineException">More instructions than the kernel takes.</exception>
    public BpfInstruction[] Assemble() => TryAssemble(out int length) ?? throw new EngineException(
        $"the packet filter would need {length} instructions and the kernel takes {Limit}: too many owned addresses, "
        + "host addresses or masquerading servers for one interface (2,500 IPv4 addresses fit, and as many of one IPv6 subnet; "
        + "350 of IPv6 subnets of their own)");

    /// <summary>Null: there would be more instructions than the kernel takes, which is <paramref name="length"/>.</summary>
    public BpfInstruction[]? TryAssemble(out int length)
    {
        int[] positions = Layout();
        length = positions[^1];
        if (length > Limit)
            return null;
        var program = new List<BpfInstruction>(length);
        for (int i = 0; i < _items.Count; i++)
            Emit(program, _items[i], positions);
        return [.. program];
    }

    // Sizes only grow from round to round, so this ends: at the latest when every branch is a far one.
    private int[] Layout()
    {
        var positions = new int[_items.Count + 1];
        bool grown;
        do
        {
            for (int i = 0; i < _items.Count; i++)
                positions[i + 1] = positions[i] + _items[i].Size;
            grown = false;
            for (int i = 0; i < _items.Count; i++)
            {
                Item item = _items[i];
                if (!item.IsBranch)
                    continue;
                grown |= !item.FarTrue && Distance(i, item.WhenTrue) > byte.MaxValue;
                grown |= !item.FarFalse && Distance(i, item.WhenFalse) > byte.MaxValue;
                item.FarTrue |= Distance(i, item.WhenTrue) > byte.MaxValue;
                item.FarFalse |= Distance(i, item.WhenFalse) > byte.MaxValue;
            }
        }
        while (grown);
        return positions;

        int Distance(int from, int label) => positions[_labels[label]] - positions[from] - 1;
    }

    private void Emit(List<BpfInstruction> program, Item item, int[] positions)
    {
        int next = program.Count + 1;
        if (item.IsBranch)
        {
            int whenTrue = positions[_labels[item.WhenTrue]];
            int whenFalse = positions[_labels[item.WhenFalse]];
            int farFalse = item.FarTrue ? 1 : 0; // the jump for "false" lies behind the one for "true"
            program.Add(new BpfInstruction(
                item.Code,
                (byte)(item.FarTrue ? 0 : whenTrue - next),
                (byte)(item.FarFalse ? farFalse : whenFalse - next),
                item.Operand));
            if (item.FarTrue)
                program.Add(new BpfInstruction(ClassicBpf.Jump, 0, 0, (uint)(whenTrue - program.Count - 1)));
            if (item.FarFalse)
                program.Add(new BpfInstruction(ClassicBpf.Jump, 0, 0, (uint)(whenFalse - program.Count - 1)));
        }
        else
        {
            uint operand = item.Code == ClassicBpf.Jump ? (uint)(positions[_labels[item.WhenTrue]] - next) : item.Operand;
            program.Add(new BpfInstruction(item.Code, 0, 0, operand));
        }
    }

    private sealed record Item(ushort Code, uint Operand)
    {
        public int WhenTrue { get; init; } = -1;

        public int WhenFalse { get; init; } = -1;

        public bool FarTrue { get; set; }

        public bool FarFalse { get; set; }

        public bool IsBranch => WhenFalse >= 0;

        public int Size => 1 + (FarTrue ? 1 : 0) + (FarFalse ? 1 : 0);
    }
}
