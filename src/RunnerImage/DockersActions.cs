namespace RunnerImage;

/// <summary>The actions that Docker publishes, by what the runner says of the action that a step runs.</summary>
internal static class DockersActions
{
    /// <summary>The variable with the repository of the action; not set in a <c>run</c> step.</summary>
    public const string Variable = "GITHUB_ACTION_REPOSITORY";

    public const string Owner = "docker/";
}
