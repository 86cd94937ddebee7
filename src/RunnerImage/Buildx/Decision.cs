namespace RunnerImage.Buildx;

/// <summary>What to do with a call.</summary>
internal enum ShimAction
{
    /// <summary>Become the real program.</summary>
    Execute,

    /// <summary>Run the real program as a child and note the build.</summary>
    Note,

    /// <summary>Say why it cannot work, and fail.</summary>
    Fail,
}

/// <summary>What the shim makes of a call.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Arguments">The arguments of the real program, without its name.</param>
/// <param name="Messages">What to say first.</param>
/// <param name="Address">The address of BuildKit that must answer for the call to make sense; null if none
/// must.</param>
/// <param name="Builder">What <c>BUILDX_BUILDER</c> must be for the real program; null if it may stay as it is.</param>
/// <param name="AsksRegistries">Whether the real program talks to registries itself, and not BuildKit.</param>
/// <param name="Asker">The builder by whose settings it does; null for Docker's own.</param>
/// <param name="Images">What a build has to do with the pod's store of images; null if nothing.</param>
internal sealed record Decision(
    ShimAction Action, IReadOnlyList<string> Arguments, IReadOnlyList<Message> Messages, string? Address = null,
    string? Builder = null, bool AsksRegistries = false, string? Asker = null,
    ImageUse? Images = null)
{
    /// <summary>The call as it is.</summary>
    public static Decision PassOn(IReadOnlyList<string> arguments) => new(ShimAction.Execute, arguments, []);

    public static Decision Refuse(IReadOnlyList<string> arguments, Message message) =>
        new(ShimAction.Fail, arguments, [message]);
}
