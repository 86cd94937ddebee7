namespace RunnerImage.Docker;

/// <summary>The commands of docker that the pod's store of images answers.</summary>
internal static class ImageCommands
{
    private static readonly string[] Plain =
        ["push", "tag", "images", "rmi", "history", "inspect", "save", "load"];

    private static readonly string[] OfImage =
        ["push", "tag", "ls", "list", "rm", "remove", "history", "inspect", "prune", "save", "load"];

    private static readonly string[] Empty = ["container", "network", "volume"];

    /// <param name="words">The arguments from the command on.</param>
    public static bool Has(string[] words) => words switch
    {
        ["image", var command, ..] => OfImage.Contains(command),
        ["system", "df" or "prune", ..] => true,
        // There is nothing of the kind, so that a clean-up succeeds.
        [var kind, "prune", ..] => Empty.Contains(kind),
        [var command, ..] => Plain.Contains(command),
        _ => false,
    };
}
