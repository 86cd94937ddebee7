namespace RunnerImage.Docker;

/// <summary>
/// Answers docker/setup-qemu-action, which installs emulators in the node's kernel by a privileged container. BuildKit
/// brings its own emulators, so there is nothing to do, and the action has only to hear what it expects.
/// </summary>
internal static class QemuSetup
{
    private const string Action = "docker/setup-qemu-action";

    private const string Notice = "Nothing to do: BuildKit has its own emulators.\n";

    /// <summary>What the official images of BuildKit can run, in the form of tonistiigi/binfmt.</summary>
    private const string Platforms =
        """
        {
          "supported": [
            "linux/amd64", "linux/arm64", "linux/riscv64", "linux/ppc64le", "linux/s390x", "linux/386",
            "linux/mips64le", "linux/mips64", "linux/loong64", "linux/arm/v7", "linux/arm/v6"
          ],
          "emulators": []
        }

        """;

    /// <param name="words">The arguments from the command on.</param>
    /// <param name="action">The repository of the action that calls.</param>
    /// <returns>Null if it is another action, or another command.</returns>
    public static DockerDecision? Answer(string[] words, string action) =>
        !action.Equals(Action, StringComparison.OrdinalIgnoreCase) ? null : words switch
        {
            ["version" or "info" or "pull" or "load", ..] or ["image", "inspect", ..] => new(Notice),
            // The action then only warns; an empty file would find its way into the cache of other runners.
            ["save", ..] => new(Refusal: Message.Error("qemu",
                "BuildKit has its own emulators, so there is no image to put into the cache; leave this step out, or "
                + "set cache-image: false.")),
            ["run", .. var rest] => new(IsQuestion(rest) ? Platforms : Notice),
            _ => null,
        };

    /// <summary>Whether nothing follows the image: then it prints what the kernel can run.</summary>
    private static bool IsQuestion(string[] rest) =>
        Array.FindIndex(rest, w => !w.StartsWith('-')) is var image && image == rest.Length - 1;
}
