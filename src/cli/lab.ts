import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { environmentFolder, jupyterDataFolder, python, root } from "../setup/paths";

/**
 * Where Jupyter looks and writes. Kernels, server settings, notebook signatures and running servers
 * stay in the project's environment; the look and the shortcuts of JupyterLab remain the user's own.
 */
function labEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    JUPYTER_DATA_DIR: jupyterDataFolder,
    JUPYTER_RUNTIME_DIR: join(jupyterDataFolder, "runtime"),
    JUPYTER_CONFIG_DIR: join(environmentFolder, "etc", "jupyter"),
    JUPYTERLAB_SETTINGS_DIR: process.env.JUPYTERLAB_SETTINGS_DIR ?? userFolder("user-settings"),
    JUPYTERLAB_WORKSPACES_DIR: process.env.JUPYTERLAB_WORKSPACES_DIR ?? userFolder("workspaces"),
    IPYTHONDIR: join(jupyterDataFolder, "ipython"),
  };
}

function userFolder(name: string): string {
  const home = process.env.JUPYTER_CONFIG_DIR ?? join(process.env.HOME ?? root, ".jupyter");
  return join(home, "lab", name);
}

export function register(program: Command): void {
  program
    .command("lab")
    .description("open JupyterLab on the notebooks, with the project's kernel")
    .argument("[jupyterlab...]", "passed on to JupyterLab, such as --no-browser or --port=9000")
    .allowUnknownOption()
    .action(async (args: string[]) => {
      mkdirSync(join(jupyterDataFolder, "runtime"), { recursive: true });
      const child = spawn(
        python,
        [
          ...["-m", "jupyterlab", `--ServerApp.root_dir=${root}`],
          "--LabApp.default_url=/lab/tree/notebooks",
          // Nothing is fetched from outside, and no language server looked for, unless asked for.
          "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
          ...["--LabApp.news_url=None", "--LanguageServerManager.autodetect=False"],
          ...args,
        ],
        { cwd: root, stdio: "inherit", env: labEnvironment() },
      );
      // Ctrl-C reaches JupyterLab by itself; it asks whether to stop, so this process waits for it.
      process.on("SIGINT", () => {});
      process.on("SIGTERM", () => child.kill("SIGTERM"));
      process.exitCode = await new Promise<number>((done, fail) => {
        child.on("error", fail).on("close", (status) => done(status ?? 1));
      });
    });
}
