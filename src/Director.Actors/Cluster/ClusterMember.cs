using Akka.Cluster;

namespace Director.Actors.Cluster;

/// <summary>One member of a cluster, as somebody sees it.</summary>
/// <param name="Address"><c>akka.tcp://director@10.3.0.1:4053</c>.</param>
/// <param name="Uid">Akka's number of its actor system: another one after each start.</param>
/// <param name="Status">Akka's. The numbers are fixed: they travel.</param>
/// <param name="Reachable">As Akka's failure detector has it: a hint, which decides about no address.</param>
public sealed record ClusterMember(string Address, int Uid, MemberStatus Status, bool Reachable);
