namespace RunnerScaler.RealCluster;

/// <summary>A file with images, as <c>docker save</c> writes it.</summary>
/// <param name="File">Its path.</param>
/// <param name="Name">The image, without its tag.</param>
internal sealed record NodeArchive(string File, string Name);
