namespace RunnerImage.Buildx;

/// <summary>What a build has to do with the pod's store of images.</summary>
/// <param name="Keeps">Whether its image goes there.</param>
/// <param name="Names">Under which names; empty for a bake, whose files say it.</param>
/// <param name="Quiet">Whether the build is asked to say nothing.</param>
internal sealed record ImageUse(bool Keeps, IReadOnlyList<string> Names, bool Quiet)
{
    /// <summary>The arguments after some tokens are taken away.</summary>
    /// <param name="line">The call.</param>
    /// <param name="tokens">All tokens after the command.</param>
    /// <param name="dropped">Which are taken away.</param>
    public static IReadOnlyList<string> Without(BuildxLine line, List<Token> tokens, Func<Token, bool> dropped)
    {
        if (!tokens.Exists(t => dropped(t)))
            return line.Arguments;
        List<string> left = [.. line.Arguments.Take(line.CommandAt + 1)];
        foreach (var group in tokens.GroupBy(t => t.Start))
            // Letters that share an argument (-qo type=docker) are told apart by their long names.
            left.AddRange(group.Any(dropped)
                ? group.Where(t => !dropped(t)).Select(t => t.Value is null ? $"--{t.Name}" : $"--{t.Name}={t.Value}")
                : line.Arguments.Skip(group.Key).Take(group.Sum(t => t.Count)));
        return left;
    }
}
