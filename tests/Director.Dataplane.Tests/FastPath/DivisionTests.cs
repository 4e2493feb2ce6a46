using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Tests.Linux.Ingress;

namespace Director.Dataplane.Tests.FastPath;

/// <summary>The loaded program on frames of no flow: the cases of the rules that hold without it.</summary>
public sealed class DivisionTests
{
    // A test run cannot have a tag.
    public static TheoryData<string> Names => [.. IngressRulesTests.Cases.Where(each => each.Frame.VlanTag is null).Select(each => each.Name)];

    /// <summary>What is the engine's alone is redirected; of what is the host's too a copy is, and the frame goes on.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Engine_and_host_divide_as_without_it(string name)
    {
        (_, IngressPlan plan, TestFrame frame, bool taken, bool dropped) = IngressRulesTests.Cases.Single(each => each.Name == name);
        bool alone = taken && (dropped || (plan.VirtualMac && frame.To == plan.EngineMac));
        Assert.Equal(alone ? FastBench.Redirected : FastBench.Passed, FastBench.Divide(plan, frame.Bytes()));
    }
}
