namespace Director.Dataplane.Linux.Bpf;

/// <summary>A place in a program that jumps lead to.</summary>
public readonly record struct Label(int Number);

/// <summary>
/// Puts an eBPF program together: one method an instruction (RFC 9669), labels for jumps. Addresses are a register and an offset.
/// Arithmetic is of 64 bits unless it says otherwise.
/// </summary>
public sealed class Assembler
{
    // Classes and modes of instructions (linux/bpf_common.h, linux/bpf.h).
    private const byte LoadImmediateClass = 0x00;
    private const byte LoadClass = 0x01;
    private const byte StoreImmediateClass = 0x02;
    private const byte StoreClass = 0x03;
    private const byte Arithmetic32Class = 0x04;
    private const byte JumpClass = 0x05;
    private const byte Jump32Class = 0x06;
    private const byte Arithmetic64Class = 0x07;
    private const byte OfRegister = 0x08;
    private const byte MemoryMode = 0x60;
    private const byte AtomicMode = 0xc0;
    private const byte PacketMode = 0x20;
    private const byte IndirectPacketMode = 0x40;
    private const byte SwapToNetworkOrder = 0xdc;
    private const byte CallCode = 0x85;
    private const byte ExitCode = 0x95;
    private const byte ValueOfMap = 2; // BPF_PSEUDO_MAP_VALUE
    private const byte MapItself = 1; // BPF_PSEUDO_MAP_FD

    private readonly List<Instruction> _code = [];
    private readonly List<int> _labels = []; // instruction that follows the label; -1: not placed yet
    private readonly List<(int At, Label To)> _jumps = [];

    /// <summary>Instructions so far.</summary>
    public int Length => _code.Count;

    public Label NewLabel()
    {
        _labels.Add(-1);
        return new Label(_labels.Count - 1);
    }

    /// <summary>The label is here.</summary>
    public void Place(Label label)
    {
        if (_labels[label.Number] >= 0)
            throw new InvalidOperationException("A label has one place.");
        _labels[label.Number] = _code.Count;
    }

    /// <summary>to = value, sign-extended.</summary>
    public void Set(Register to, int value) => Do(Operation.Move, to, value);

    /// <summary>to = value, all 64 bits of it.</summary>
    public void SetWide(Register to, ulong value) => Wide(to, 0, (int)(uint)value, (int)(uint)(value >> 32));

    /// <summary>to = address of a byte of the (only) element of an array map.</summary>
    public void SetAddress(Register to, int map, uint offset) => Wide(to, ValueOfMap, map, (int)offset);

    /// <summary>to = the map, for functions that take one.</summary>
    public void SetMap(Register to, int map) => Wide(to, MapItself, map, 0);

    public void Move(Register to, Register from) => Do(Operation.Move, to, from);

    /// <summary>to = to op value (sign-extended).</summary>
    public void Do(Operation operation, Register to, int value) => Add((byte)(Arithmetic64Class | (byte)operation), to, 0, 0, value);

    /// <summary>to = to op from.</summary>
    public void Do(Operation operation, Register to, Register from) => Add((byte)(Arithmetic64Class | OfRegister | (byte)operation), to, from, 0, 0);

    /// <summary>The same in 32 bits: the upper half of the result is 0.</summary>
    public void Do32(Operation operation, Register to, int value) => Add((byte)(Arithmetic32Class | (byte)operation), to, 0, 0, value);

    /// <inheritdoc cref="Do32(Operation, Register, int)"/>
    public void Do32(Operation operation, Register to, Register from) => Add((byte)(Arithmetic32Class | OfRegister | (byte)operation), to, from, 0, 0);

    /// <summary>The low 16 bits from network to host order or back, the rest 0.</summary>
    public void Swap16(Register register) => Add(SwapToNetworkOrder, register, 0, 0, 16);

    /// <summary>to = what lies at address + offset, zero-extended.</summary>
    public void Load(Width width, Register to, Register address, int offset) => Add((byte)(LoadClass | MemoryMode | (byte)width), to, address, offset, 0);

    public void Store(Width width, Register address, int offset, Register from) => Add((byte)(StoreClass | MemoryMode | (byte)width), address, from, offset, 0);

    public void StoreValue(Width width, Register address, int offset, int value) => Add((byte)(StoreImmediateClass | MemoryMode | (byte)width), address, 0, offset, value);

    /// <summary>Adds in one step that no other processor sees a part of; four or eight bytes.</summary>
    public void AtomicAdd(Width width, Register address, int offset, Register from) => Add((byte)(StoreClass | AtomicMode | (byte)width), address, from, offset, 0);

    /// <summary>
    /// R0 = what stands in the packet at this place, in host order; R6 is the context. A packet that ends before it ends the program,
    /// which then answers 0. R1 .. R5 are lost. (Classic BPF's loads; slow.)
    /// </summary>
    public void LoadPacket(Width width, uint offset) => Add((byte)(LoadImmediateClass | PacketMode | (byte)width), 0, 0, 0, (int)offset);

    /// <summary>The same at index + offset.</summary>
    public void LoadPacket(Width width, Register index, uint offset) => Add((byte)(LoadImmediateClass | IndirectPacketMode | (byte)width), 0, index, 0, (int)offset);

    public void Jump(Label to) => Jumping(JumpClass, 0, 0, 0, to);

    public void JumpIf(Register left, Condition condition, int value, Label to) => Jumping((byte)(JumpClass | (byte)condition), left, 0, value, to);

    public void JumpIf(Register left, Condition condition, Register right, Label to) =>
        Jumping((byte)(JumpClass | OfRegister | (byte)condition), left, right, 0, to);

    /// <summary>The low halves are compared.</summary>
    public void JumpIf32(Register left, Condition condition, uint value, Label to) =>
        Jumping((byte)(Jump32Class | (byte)condition), left, 0, (int)value, to);

    /// <inheritdoc cref="JumpIf32(Register, Condition, uint, Label)"/>
    public void JumpIf32(Register left, Condition condition, Register right, Label to) =>
        Jumping((byte)(Jump32Class | OfRegister | (byte)condition), left, right, 0, to);

    public void Call(Function function) => Add(CallCode, 0, 0, 0, (int)function);

    /// <summary>Ends the program; R0 is its answer.</summary>
    public void Exit() => Add(ExitCode, 0, 0, 0, 0);

    public void Exit(int answer)
    {
        Set(Register.R0, answer);
        Exit();
    }

    /// <summary>The program, without what no way leads to: the verifier refuses that.</summary>
    /// <exception cref="InvalidOperationException">A jump leads nowhere, or farther than 32,767 instructions.</exception>
    public Instruction[] Assemble()
    {
        Dictionary<int, int> targets = [];
        foreach ((int at, Label to) in _jumps)
            targets.Add(at, _labels[to.Number] >= 0 ? _labels[to.Number] : throw new InvalidOperationException("A jump leads to a label without a place."));
        bool[] reached = Reached(targets);
        int[] places = new int[_code.Count]; // in what is left
        for (int i = 1; i < places.Length; i++)
            places[i] = places[i - 1] + (reached[i - 1] ? 1 : 0);
        List<Instruction> program = new(_code.Count);
        for (int i = 0; i < _code.Count; i++)
        {
            if (!reached[i])
                continue;
            int distance = targets.TryGetValue(i, out int target) ? places[target] - places[i] - 1 : _code[i].Offset;
            if (distance is < short.MinValue or > short.MaxValue)
                throw new InvalidOperationException("A jump is too far.");
            program.Add(_code[i] with { Offset = (short)distance });
        }
        return [.. program];
    }

    private bool[] Reached(Dictionary<int, int> targets)
    {
        bool[] reached = new bool[_code.Count];
        Stack<int> next = new([0]);
        while (next.TryPop(out int at))
        {
            // Straight on, as far as that is new.
            for (; at < reached.Length && !reached[at]; at++)
            {
                reached[at] = true;
                byte code = _code[at].Code;
                if (code == (LoadImmediateClass | (byte)Width.Eight))
                    reached[++at] = true; // its second half
                if (targets.TryGetValue(at, out int target))
                    next.Push(target);
                if (code is JumpClass or ExitCode)
                    break;
            }
        }
        return reached;
    }

    private void Wide(Register to, byte kind, int low, int high)
    {
        Add(LoadImmediateClass | (byte)Width.Eight, to, (Register)kind, 0, low);
        Add(0, 0, 0, 0, high);
    }

    private void Jumping(byte code, Register left, Register right, int value, Label to)
    {
        _jumps.Add((_code.Count, to));
        Add(code, left, right, 0, value);
    }

    private void Add(byte code, Register destination, Register source, int offset, int immediate) =>
        _code.Add(new Instruction(code, (byte)((byte)destination | ((byte)source << 4)), checked((short)offset), immediate));
}
