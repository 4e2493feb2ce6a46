using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>Code that looks for a value, or for an address of the frame, among many.</summary>
internal static class KeySearch
{
    private const int Leaf = 8;

    /// <summary>Of A; which of them does not matter.</summary>
    public static void Values(BpfAssembler code, IEnumerable<uint> values, int found, int missing) =>
        Values(code, values.Select(value => (value, found)), missing);

    /// <summary>Of A; each of the distinct values leads to its own label.</summary>
    public static void Values(BpfAssembler code, IEnumerable<(uint Value, int Found)> keys, int missing) =>
        Search(code, [.. keys.Distinct().OrderBy(key => key.Value).Select(key => new Key(key.Value, key.Value, key.Found))], missing);

    /// <summary>
    /// Of the address at <paramref name="at"/>, which of them does not matter. Addresses of the other family are left out.
    /// </summary>
    public static void Addresses(BpfAssembler code, IpLayout layout, uint at, IEnumerable<IpAddress> addresses, int found, int missing) =>
        Addresses(code, layout, at, addresses.Distinct().Select(address => (address, found)), missing);

    /// <summary>Of the address at <paramref name="at"/>; each of the distinct addresses leads to its own label.</summary>
    public static void Addresses(
        BpfAssembler code, IpLayout layout, uint at, IEnumerable<(IpAddress Address, int Found)> keys, int missing) =>
        Search(code, layout, at, [.. keys.Where(key => layout.Has(key.Address)).Select(key => (new AddressRange(key.Address, key.Address), key.Found))], 0, missing);

    /// <summary>Of the address at <paramref name="at"/>, in which of the ranges does not matter; they do not overlap.</summary>
    public static void Ranges(BpfAssembler code, IpLayout layout, uint at, IEnumerable<AddressRange> ranges, int found, int missing) =>
        Search(code, layout, at, [.. ranges.Where(range => layout.Has(range.First)).Select(range => (range, found))], 0, missing);

    // Word by word, so that what addresses have in common is compared once: those of one subnet cost as little as IPv4's.
    private static void Search(BpfAssembler code, IpLayout layout, uint at, (AddressRange Range, int Found)[] keys, int word, int missing)
    {
        if (keys.Length == 1)
        {
            Compare(code, layout, at, keys[0], word, missing);
            return;
        }
        if (keys.Length > 0)
            code.Add(ClassicBpf.LoadWord, at + 4 * (uint)word);
        if (word == layout.Words - 1)
        {
            Search(code, [.. keys.Select(key => KeyOf(layout, key, word)).OrderBy(key => key.First)], missing);
            return;
        }
        var groups = (from key in keys
                      group key by layout.Word(key.Range.First, word) into each
                      select (each.Key, Label: code.NewLabel(), Keys: each.ToArray())).ToArray();
        Values(code, groups.Select(group => (group.Key, group.Label)), missing);
        foreach ((_, int label, (AddressRange, int)[] rest) in groups)
        {
            code.Mark(label);
            Search(code, layout, at, rest, word + 1, missing);
        }
    }

    private static Key KeyOf(IpLayout layout, (AddressRange Range, int Found) key, int word) =>
        new(layout.Word(key.Range.First, word), layout.Word(key.Range.Last, word), key.Found);

    // What is left of one address or range.
    private static void Compare(BpfAssembler code, IpLayout layout, uint at, (AddressRange Range, int Found) key, int word, int missing)
    {
        int differs = code.NewLabel();
        for (; word < layout.Words; word++)
        {
            int same = code.NewLabel();
            code.Add(ClassicBpf.LoadWord, at + 4 * (uint)word);
            Match(code, KeyOf(layout, key, word), same, differs, differs);
            code.Mark(same);
        }
        code.Jump(key.Found);
        code.Mark(differs);
        code.Jump(missing);
    }

    // A value, or the values of a range.
    private static void Match(BpfAssembler code, Key key, int matches, int below, int above)
    {
        if (key.First == key.Last)
        {
            code.Branch(ClassicBpf.JumpEqual, key.First, matches, above);
            return;
        }
        int high = code.NewLabel();
        code.Branch(ClassicBpf.JumpGreaterOrEqual, key.First, high, below);
        code.Mark(high);
        code.Branch(ClassicBpf.JumpGreater, key.Last, above, matches);
    }

    // Binary search for A; keys are sorted and do not overlap. All leaves but one are full, which saves more than an even division.
    private static void Search(BpfAssembler code, ReadOnlySpan<Key> keys, int missing)
    {
        if (keys.Length > Leaf)
        {
            int lowers = (keys.Length + Leaf - 1) / Leaf / 2 * Leaf;
            int upper = code.NewLabel(), lower = code.NewLabel();
            code.Branch(ClassicBpf.JumpGreater, keys[lowers - 1].Last, upper, lower);
            code.Mark(lower);
            Search(code, keys[..lowers], missing);
            code.Mark(upper);
            Search(code, keys[lowers..], missing);
            return;
        }
        // Results are far away in a large program: the keys of a leaf share a jump to each.
        var results = new Dictionary<int, int>();
        int none = code.NewLabel();
        foreach (Key key in keys)
        {
            int next = code.NewLabel();
            if (!results.TryGetValue(key.Found, out int near))
                results.Add(key.Found, near = code.NewLabel());
            Match(code, key, near, none, next);
            code.Mark(next);
        }
        code.Mark(none);
        code.Jump(missing);
        foreach ((int found, int near) in results)
        {
            code.Mark(near);
            code.Jump(found);
        }
    }

    private readonly record struct Key(uint First, uint Last, int Found);
}
