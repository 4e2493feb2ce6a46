using Akka.Actor;

namespace Director.Actors.Services;

/// <summary>
/// Makes actors by a plain call. <c>Props.Create</c> takes the expression apart and calls the constructor by reflection, which is
/// most of the time that a restore of ten thousand services takes for its actors.
/// </summary>
internal sealed class Made<TActor>(Func<TActor> make) : IIndirectActorProducer where TActor : ActorBase
{
    public Type ActorType => typeof(TActor);

    public ActorBase Produce() => make();

    public void Release(ActorBase actor)
    {
    }

    public static Props By(Func<TActor> make) => Props.CreateBy(new Made<TActor>(make));
}
