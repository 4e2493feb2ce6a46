using System.Globalization;
using System.Text.Json.Nodes;
using Akka.Cluster;
using Director.Actors.Cluster;

namespace Director.Host.Management;

/// <summary>Akka Management's shapes: names, and which numbers are texts.</summary>
internal static class ClusterJson
{
    public static JsonObject Members(ClusterView view)
    {
        JsonObject json = new()
        {
            ["selfNode"] = view.Self,
            ["members"] = new JsonArray([.. view.Members.Select(member => Member(member))]),
            // Who else cannot reach it is known to Akka alone.
            ["unreachable"] = new JsonArray([.. view.Members.Where(member => !member.Member.Reachable).Select(member => new JsonObject
            {
                ["node"] = member.Member.Address,
                ["observedBy"] = new JsonArray(view.Self),
            })]),
        };
        if (view.Leader is { } leader)
            json["leader"] = leader;
        if (view.Members.FirstOrDefault(member => member.Member.Status != MemberStatus.Joining) is { } oldest)
            json["oldest"] = oldest.Member.Address;
        json["oldestPerRole"] = OldestPerRole(view);
        return json;
    }

    public static JsonObject Member(MemberView member, bool numericUid = false) => new()
    {
        ["node"] = member.Member.Address,
        ["nodeUid"] = numericUid ? JsonValue.Create(member.Member.Uid) : JsonValue.Create(member.Member.Uid.ToString(CultureInfo.InvariantCulture)),
        ["status"] = member.Member.Status.ToString(),
        ["roles"] = Roles(member.Roles),
    };

    public static JsonObject SeedNodes(ClusterView view) => new()
    {
        ["selfNode"] = view.Self,
        ["seedNodes"] = new JsonArray([.. view.Members.Where(member => member.Member is { Reachable: true, Status: MemberStatus.Up or MemberStatus.WeaklyUp })
            .Select(member => Member(member, numericUid: true))]),
    };

    public static JsonObject EventMember(string address, int uid, string status, IEnumerable<string> roles) => new()
    {
        ["uniqueAddress"] = new JsonObject { ["address"] = address, ["longUid"] = uid },
        ["status"] = status,
        ["roles"] = Roles(roles),
        ["dataCenter"] = "default",
    };

    private static JsonObject OldestPerRole(ClusterView view)
    {
        JsonObject json = [];
        foreach (string role in view.Members.SelectMany(member => member.Roles).Distinct())
            json[role] = view.Members.First(member => member.Roles.Contains(role)).Member.Address;
        return json;
    }

    private static JsonArray Roles(IEnumerable<string> roles) => [.. roles.Select(role => JsonValue.Create(role))];
}
