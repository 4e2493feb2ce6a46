using System.Collections.Immutable;
using Director.Actors.Journal;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Replication;

/// <summary>
/// Directors that replicate over a network that delays, loses and is cut, in one thread and by one seed. A director's journal is its
/// <see cref="Node.Disk"/>; what was not answered may be lost with it, what was answered may not.
/// </summary>
internal sealed class ReplicationWorld
{
    private const int Objects = 4;

    private readonly Random _random;
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly HashSet<(string, string)> _cut = [];
    private readonly bool _loses;
    private long _order;

    public ReplicationWorld(int seed, int directors, bool loses)
    {
        _random = new Random(seed);
        _loses = loses;
        Nodes = [.. Enumerable.Range(0, directors).Select(i => new Node(((char)('a' + i)).ToString()))];
    }

    public long Now { get; private set; } = 1000;

    public Node[] Nodes { get; }

    /// <summary>Every edit that reached a journal.</summary>
    public List<Made> Edits { get; } = [];

    /// <summary>Those that were answered.</summary>
    public List<Made> Answered { get; } = [];

    internal sealed record Made(ObjectKey Object, Stamp Stamp, string Value);

    internal sealed class Node(string name)
    {
        public string Name => name;
        public ServiceTable Disk = ServiceTable.Empty.Apply(new ClusterIdentified($"of {name}", false));
        public Replicator Replicator = new(name);
        public readonly HashSet<string> Heard = [];
        public readonly List<EditOverridden> Told = [];
        public readonly Dictionary<ulong, Made> Asked = [];
        public ulong Revision;
        public int Life;
        public bool Up = true;
    }

    public void Start()
    {
        foreach (Node node in Nodes)
            Tick(node, node.Life);
        Link();
        // Before anything was edited all have met once: else they are clusters of their own.
        Advance(Now + 5000);
    }

    /// <summary>Random edits, cuts, heals and restarts for so long; then everything is up, whole and left alone until it is calm.</summary>
    /// <param name="calls">Milliseconds of trouble.</param>
    /// <param name="apart">Whether directors that do not reach each other may edit.</param>
    public void Run(long calls, bool apart)
    {
        long end = Now + calls;
        while (Now < end)
        {
            Act(apart);
            Advance(Now + _random.Next(1, 120));
        }
        foreach (Node node in Nodes.Where(node => !node.Up))
            Restart(node);
        _cut.Clear();
        Link();
        Advance(Now + 30_000);
    }

    private void Act(bool apart)
    {
        Node node = Nodes[_random.Next(Nodes.Length)];
        switch (_random.Next(10))
        {
            case 0:
                Node other = Nodes[_random.Next(Nodes.Length)];
                if (!_cut.Remove(Pair(node, other)) && other != node)
                    _cut.Add(Pair(node, other));
                Link();
                break;
            case 1 when node.Up:
                node.Up = false;
                node.Life++;
                node.Heard.Clear();
                Link();
                break;
            case 2 when !node.Up:
                Restart(node);
                break;
            default:
                if (node.Up && (apart || IsOwner(node)))
                    Edit(node);
                break;
        }
    }

    /// <summary>One at a time, and only one that has everything: as the election has it while nobody is cut off.</summary>
    private bool IsOwner(Node node) => node == Nodes[Now / 700 % Nodes.Length] && Nodes.All(each =>
        each.Up && each.Asked.Count == 0 && each.Replicator.Peers.Count == Nodes.Length - 1 && each.Replicator.Peers.Values.All(peer => peer.InSync));

    private void Edit(Node node)
    {
        if (node.Asked.Count > 0)
            return;
        ServiceKey key = Key($"fwmark {_random.Next(1, Objects + 1)}");
        bool there = node.Disk.Find(key) is not null;
        DirectorCommand command = (_random.Next(3), there) switch
        {
            (0, true) => new DeleteService(key),
            (1, true) => new AddServer(key, Server($"10.2.{_random.Next(256)}.{_random.Next(1, 255)}:80")),
            (_, true) => new EditService(Service(key.ToString(), _random.Next(2) == 0 ? "rr" : "sh")),
            _ => new AddService(Service(key.ToString(), _random.Next(2) == 0 ? "rr" : "sh")),
        };
        Decision decision = node.Disk.Decide(command, Capabilities.Recorded);
        if (!decision.Result.Succeeded)
            return;
        if (node.Disk.Replica.Cluster is { IsSettled: false } cluster)
            node.Disk = node.Disk.Apply(cluster with { IsSettled = true });
        ImmutableArray<DirectorEvent> events = Actors.Replication.Objects.Stamped(node.Disk, decision.Events, node.Name, (ulong)Now / 5000, Now / 1000);
        node.Disk = events.Aggregate(node.Disk, (table, happened) => table.Apply(happened));
        DirectorEvent state = Actors.Replication.Objects.StateOf(node.Disk, ObjectKey.Of(key))!;
        Made made = new(ObjectKey.Of(key), state.Stamp!, System.Text.Encoding.UTF8.GetString(JournalSerializer.Encode(state with { Stamp = null })));
        Edits.Add(made);
        node.Asked[++node.Revision] = made;
        Step(node, new ReplicatorInput.Committed(node.Revision, [ObjectKey.Of(key)]));
    }

    private void Restart(Node node)
    {
        node.Up = true;
        // Memory is gone; what was asked was never answered.
        node.Replicator = new Replicator(node.Name);
        node.Asked.Clear();
        Tick(node, node.Life);
        Link();
    }

    /// <summary>Every director finds out, some time later, whom it reaches and whom it does not.</summary>
    private void Link()
    {
        foreach (Node node in Nodes.Where(node => node.Up))
        {
            foreach (Node other in Nodes.Where(other => other != node))
            {
                int life = node.Life, otherLife = other.Life;
                At(_random.Next(1, 300), () => Find(node, other, life, otherLife));
            }
        }
    }

    private void Find(Node node, Node other, int life, int otherLife)
    {
        if (node.Life != life || !node.Up)
            return;
        bool reachable = Reaches(node, other) && other.Life == otherLife;
        if (!reachable && node.Heard.Remove(other.Name))
            Step(node, new ReplicatorInput.Vanished(other.Name));
        else if (reachable && (node.Heard.Add(other.Name) || node.Replicator.Peers.GetValueOrDefault(other.Name) is null))
            Step(node, new ReplicatorInput.Appeared(other.Name));
    }

    private bool Reaches(Node node, Node other) => node.Up && other.Up && !_cut.Contains(Pair(node, other));

    private void Tick(Node node, int life)
    {
        if (node.Life != life)
            return;
        Step(node, new ReplicatorInput.Tick());
        At(100, () => Tick(node, life));
    }

    private void Step(Node node, ReplicatorInput input)
    {
        (node.Replicator, ImmutableArray<ReplicatorEffect> effects) = node.Replicator.Step(input, node.Disk, Now);
        foreach (ReplicatorEffect effect in effects)
            Do(node, effect);
    }

    private void Do(Node node, ReplicatorEffect effect)
    {
        switch (effect)
        {
            case ReplicatorEffect.Greet greet:
                Send(node, greet.Peer, peer => Step(peer, new ReplicatorInput.Heard(node.Name, greet.Hello)));
                break;
            case ReplicatorEffect.Send send:
                Send(node, send.Peer, peer => Store(peer, node.Name, send.Objects));
                break;
            case ReplicatorEffect.Identify identify:
                node.Disk = node.Disk.Apply(identify.Cluster);
                At(1, () => Step(node, new ReplicatorInput.Identified()));
                break;
            case ReplicatorEffect.Replicated replicated when node.Asked.Remove(replicated.Revision, out Made? asked):
                Answered.Add(asked);
                break;
        }
    }

    private void Store(Node node, string from, ReplicaObjects objects)
    {
        if (node.Replicator.Peers.GetValueOrDefault(from)?.Standing != PeerStanding.Joined)
            return;
        ImmutableArray<DirectorEvent> merged = Merging.Merge(node.Disk, objects.States.Select(state => state.Decode()), Now / 1000);
        node.Disk = merged.Aggregate(node.Disk, (table, happened) => table.Apply(happened));
        node.Told.AddRange(merged.OfType<EditOverridden>());
        Send(node, from, peer => Step(peer, new ReplicatorInput.Stored(node.Name, objects.Transfer)));
    }

    private void Send(Node from, string to, Action<Node> arrive)
    {
        Node node = Nodes.Single(each => each.Name == to);
        int life = node.Life;
        if (_loses && _random.Next(10) == 0)
            return;
        At(_random.Next(1, 40), () =>
        {
            if (node.Life == life && Reaches(from, node))
                arrive(node);
        });
    }

    private void At(long later, Action action) => _events.Enqueue(action, (Now + later, _order++));

    private void Advance(long until)
    {
        while (_events.TryPeek(out Action? action, out (long At, long Order) at) && at.At <= until)
        {
            _events.Dequeue();
            Now = at.At;
            action();
        }
        Now = until;
    }

    private static (string, string) Pair(Node one, Node other) =>
        string.CompareOrdinal(one.Name, other.Name) < 0 ? (one.Name, other.Name) : (other.Name, one.Name);
}
