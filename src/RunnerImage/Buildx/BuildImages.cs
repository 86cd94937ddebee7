using System.Text;
using RunnerImage.Images;
using RunnerImage.Posix;

namespace RunnerImage.Buildx;

/// <summary>
/// Lends a build the pod's store of images: those that its Dockerfiles may ask for, and a place for those that it
/// makes, which come into the store only when the build has succeeded.
/// </summary>
internal sealed class BuildImages(ImageStore store, string buildx, TextWriter error) : IDisposable
{
    private const string InputFile = "input";
    private const int LargestDockerfile = 4 << 20;

    /// <summary>How long a bake may take to say what it is about to do: its files may be elsewhere.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<(Layout Layout, IReadOnlyList<string> Names)> expected = [];
    private Staging? staging;
    private Layout? lent;
    private bool quiet;

    /// <summary>The arguments of the build with what it needs of the store.</summary>
    /// <param name="arguments">The arguments as they are.</param>
    /// <param name="use">What it has to do with the store.</param>
    public IReadOnlyList<string> Prepare(IReadOnlyList<string> arguments, ImageUse use)
    {
        var line = BuildxLine.Parse(arguments);
        quiet = use.Quiet;
        try
        {
            var images = store.Images();
            var added = line.Command is "bake" or "f" ? Bake(line, images) : Build(line, use, images);
            return added ?? arguments;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BrokenImageException)
        {
            error.WriteLine($"The images of this runner cannot be used by this build ({e.Message}).");
            return arguments;
        }
    }

    /// <summary>Takes what the build has made.</summary>
    /// <param name="succeeded">Whether the build has.</param>
    /// <returns>Whether all is where it should be.</returns>
    public bool End(bool succeeded)
    {
        var kept = !succeeded || expected.TrueForAll(Take);
        Dispose();
        return kept;
    }

    public void Dispose() => staging?.Dispose();

    private List<string>? Build(BuildxLine line, ImageUse use, IReadOnlyList<StoredImage> images)
    {
        var names = References(use.Names);
        if (images.Count == 0 && !(use.Keeps && names is not null))
            return null;
        staging = store.Stage();
        var tokens = BuildxFlags.Build.Read(line.Arguments, line.CommandAt + 1);
        var given = Given(tokens);
        var own = ImageContexts.InPlaceOf(images, given);
        List<string> added = [];
        if (images.Count > 0)
            added.AddRange(ImageContexts.For(images, DockerfileOf(tokens), [.. given.Select(c => c.Key)]).Concat(own)
                .Select(c => $"--build-context={c.Name}={Lend(c)}"));
        if (use.Keeps && names is not null)
            added.Add($"--output={BuildOutput.Into(Expect("image", use.Names))}");
        // Of two contexts of one name the last one counts.
        return Insert(line, added, ImageUse.Without(
            line, tokens, t => ContextOf(t) is { } context && own.Any(c => c.Name == context.Key))
            .Skip(line.CommandAt + 1));
    }

    private List<string>? Bake(BuildxLine line, IReadOnlyList<StoredImage> images)
    {
        staging = store.Stage();
        var tokens = BuildxFlags.Bake.Read(line.Arguments, line.CommandAt + 1);
        var input = tokens.Exists(t => t.Is("file") && t.Value == "-") ? TakeInput() : null;
        using var patience = new CancellationTokenSource(Patience);
        var (targets, allows) = new BakeQuestion(buildx, Path.Combine(staging.Folder, "targets"))
            .Ask(line, input, staging.Folder, patience.Token);
        List<string> added = [];
        foreach (var target in targets)
        {
            added.AddRange(ImageContexts.For(images, DockerfileOf(target), [.. target.Contexts.Keys])
                .Concat(ImageContexts.InPlaceOf(images, target.Contexts))
                .Select(c => $"--set={target.Name}.contexts.{c.Name}={Lend(c)}"));
            if (target.Keeps && References(target.Tags) is not null)
                added.AddRange(target.OtherOutputs
                    .Append(BuildOutput.Into(Expect($"target-{expected.Count}", target.Tags)))
                    .Select(o => $"--set={target.Name}.output={o}"));
        }

        if (added.Count == 0)
            return null;
        var rest = expected.Count == 0
            ? line.Arguments.Skip(line.CommandAt + 1)
            : ImageUse.Without(line, tokens, BuildCheck.SaysWhereItGoes).Skip(line.CommandAt + 1);
        return Insert(line, [.. allows, .. added], rest);
    }

    private static List<string> Insert(BuildxLine line, IEnumerable<string> added, IEnumerable<string> rest) =>
        [.. line.Arguments.Take(line.CommandAt + 1), .. added, .. rest];

    /// <summary>The image in a layout of this build's own, where nobody takes it away meanwhile.</summary>
    private string Lend(ImageContext image) =>
        image.Value((lent ??= staging!.Layout("lent", store.Layout)).Folder);

    private string Expect(string name, IReadOnlyList<string> names)
    {
        var layout = staging!.Layout(name, store.Layout);
        expected.Add((layout, names));
        return layout.Folder;
    }

    private bool Take((Layout Layout, IReadOnlyList<string> Names) made)
    {
        try
        {
            var names = References(made.Names)!;
            if (made.Layout.ReadIndex().DistinctBy(d => d.Digest).ToList() is not [var root])
                throw new BrokenImageException("buildx has not written it; it must be of version 0.10 or later");
            var (problem, _) = store.Keep(made.Layout, root with { Annotations = null }, names);
            var all = string.Join(", ", names.Select(n => n.Familiar));
            if (problem is not null)
                error.WriteLine($"ERROR: {problem} The image {all} was built but is not kept. Push it with the build "
                    + "(--push, \"push: true\"), or keep fewer images in one job. A pool can set the limit by the "
                    + $"variable {StoreLimit.Variable} of its template's runner.");
            else if (!quiet)
                error.WriteLine($"The image {all} is kept in this runner: later steps can tag, push and save it, and "
                    + "name it in FROM.");
            return problem is null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BrokenImageException)
        {
            error.WriteLine(
                $"ERROR: The image {string.Join(", ", made.Names)} was built but cannot be kept: {e.Message}");
            return false;
        }
    }

    /// <returns>Null if one of them is none: buildx then says so.</returns>
    private static List<ImageReference>? References(IReadOnlyList<string> names)
    {
        List<ImageReference> references = [.. names.Select(ImageReference.Parse).OfType<ImageReference>()];
        return references.Count == names.Count ? references : null;
    }

    /// <summary>The contexts that the user has named.</summary>
    private static List<KeyValuePair<string, string>> Given(List<Token> tokens) =>
        [.. tokens.Select(ContextOf).OfType<KeyValuePair<string, string>>()];

    private static KeyValuePair<string, string>? ContextOf(Token token) =>
        token.Is("build-context") && token.Value?.Split('=', 2) is [var name, .. var value]
            ? new(name, value is [var text] ? text : "")
            : null;

    /// <returns>Null if it cannot be read here.</returns>
    private DockerfileNames? DockerfileOf(List<Token> tokens)
    {
        var context = tokens.FindLast(t => t.Kind == TokenKind.Positional).Value ?? "";
        var file = tokens.FindLast(t => t.Is("file")).Value;
        return file == "-" || context == "-"
            ? Read(TakeInput())
            : DockerfileAt(context, file);
    }

    private static DockerfileNames? DockerfileOf(BakeTarget target) => target.InlineDockerfile is { } text
        ? DockerfileNames.Parse(text)
        : DockerfileAt(target.Context ?? ".", target.Dockerfile is { } file && target.Context is { } folder
            ? Path.Combine(folder, file)
            : target.Dockerfile);

    private static DockerfileNames? DockerfileAt(string context, string? file)
    {
        if (!string.IsNullOrEmpty(file))
            return Read(file);
        return Directory.Exists(context)
            ? Read(Path.Combine(context, "Dockerfile")) ?? Read(Path.Combine(context, "dockerfile"))
            : null;
    }

    private string TakeInput()
    {
        var path = Path.Combine(staging!.Folder, InputFile);
        if (!File.Exists(path))
            StandardInput.MoveInto(path);
        return path;
    }

    /// <returns>Null if it is no text, as a context that comes as an archive.</returns>
    private static DockerfileNames? Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LargestDockerfile)
                return null;
            var content = File.ReadAllBytes(path);
            return content.AsSpan().Contains((byte)0) || content.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])
                ? null
                : DockerfileNames.Parse(Encoding.UTF8.GetString(content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
